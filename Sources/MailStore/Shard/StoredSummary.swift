import ContentStore
import MessageFormat
import NIOCore

/// Derives a message's summary from its stored bytes.
enum StoredSummary {
    static func make(
        from access: ContentAccess, with compressor: Compressor
    ) throws(ContentError) -> MessageSummary {
        var parser = MessageParser()
        var position = 0
        while position < access.header.rawLength {
            let piece = try access.read(at: position, length: RecordHeader.frameSize, with: compressor)
            parser.consume(ByteBuffer(bytes: piece))
            position += max(piece.count, 1)
        }
        return MessageSummary.make(from: parser.finish()) { range in
            // Without these bytes the preview is empty, which is no damage.
            let bytes = try? access.read(at: range.lowerBound, length: min(range.count, 64 << 10), with: compressor)
            return ByteBuffer(bytes: bytes ?? [])
        }
    }
}

extension MessageSummary {
    /// The subject for people, shortened; empty where there is none.
    var shownSubject: String {
        guard let subject = envelope.subject else { return "" }
        let text = EncodedWord.decode(subject).filter { !$0.isNewline }
        return text.count > 60 ? text.prefix(60) + "…" : text
    }
}
