import Delivery
import Logging
import Metrics
import NIOCore
import SMTPWire
import SessionIO

extension SMTPSession {
    /// DATA (RFC 5321 §4.1.1.4): asks for the content.
    func data() {
        guard connection.intakeMemory.used < connection.intakeMemory.limit else {
            connection.note("no memory for messages", ["limit": "limits.intakeMemory"])
            return refuse(.noMemory, at: "data", about: "message")
        }
        contentBegins()
        machine.contentBegan()
        reply(.startMail)
    }

    /// A piece of content, of DATA or BDAT. After a refusal the rest is thrown away as it comes.
    func take(_ piece: ByteBuffer) async {
        guard var open = transaction, open.refusal == nil else { return }
        open.octets += piece.readableBytes
        do throws(DeliveryRefusal) {
            guard open.memory.grow(to: min(open.octets, IntakeReservation.mostOfMessage)) else {
                connection.note("no memory for messages", ["limit": "limits.intakeMemory"])
                throw .noMemory
            }
            try await open.delivery.write(piece)
        } catch {
            open.refusal = error
            // What was taken so far is of no use any more.
            await open.delivery.abort()
            open.memory.giveBack()
        }
        transaction = open
    }

    /// The end of a message: commits or refuses, and says which.
    func endMessage(_ defect: ContentDefect?) async {
        contentEnds()
        guard let open = transaction else {
            machine.transactionEnded(accepted: false)
            reply(.mailFirst)
            return
        }
        service.metrics.receivedBytes.increment(by: open.octets)
        do throws(DeliveryRefusal) {
            if let refusal = open.refusal { throw refusal }
            if let refusal = DeliveryRefusal(defect) {
                await open.delivery.refuse(refusal)
                throw refusal
            }
            let receipt = try await open.delivery.commit()
            transaction = nil
            connection.engaged(false)
            messageAccepted()
            service.metrics.accepted.increment()
            logger.debug(
                "message accepted",
                metadata: [
                    "size": "\(receipt.size)", "stored": "\(receipt.stored)", "queued": "\(receipt.queued)",
                    "failed": "\(receipt.failed)",
                ])
            logger[metadataKey: "delivery"] = nil
            machine.transactionEnded(accepted: true)
            reply(Reply(.ok, .ok, "Accepted as \(receipt.delivery)"))
        } catch {
            machine.transactionEnded(accepted: false)
            refuse(error, at: "data", about: "message")
            await dropTransaction()
        }
    }
}

extension DeliveryRefusal {
    static let noMemory = DeliveryRefusal(
        452, "4.3.1", "Too many messages are coming in; try again later", cause: "limits.intakeMemory")

    /// What is told about content whose form is at fault.
    init?(_ defect: ContentDefect?) {
        switch defect {
        case nil: return nil
        case .bareLineEnd: self.init(.bareLineEnd, cause: "bare CR or LF in content")
        case .tooLarge: self.init(.messageTooLarge, cause: "content exceeds the limit")
        }
    }

    private init(_ reply: Reply, cause: String) {
        self.init(Int(reply.code.rawValue), reply.status?.description ?? "5.0.0", reply.text, cause: cause)
    }
}
