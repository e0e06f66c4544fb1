import Delivery
import SMTPWire

extension SMTPSession {
    /// The end of a chunk that is not the last (RFC 3030 §2). After a refusal only RSET helps.
    func endChunk(_ size: UInt64, _ defect: ContentDefect?) async {
        contentEnds()
        guard let refusal = transaction?.refusal ?? DeliveryRefusal(defect) else {
            reply(Reply(.ok, .ok, "\(size) octets received"))
            return
        }
        machine.chunkRefused()
        refuse(refusal, at: "bdat", about: "message")
    }
}
