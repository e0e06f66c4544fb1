import MessageFormat
import NIOCore

/// What makes two messages of an account one conversation: a common message id in Message-ID, In-Reply-To or References,
/// and the same base subject (RFC 8621 §3). Each key stands for one such pair.
enum ThreadKeys {
    /// References beyond this many, counted from the newest, are not looked at.
    static let maximumReferences = 32

    /// The message's own id first, then those it answers, newest first.
    static func keys(of summary: MessageSummary) -> [Int64] {
        let seed = hash(summary.baseSubject.lowercased().utf8, seed: 0xCBF2_9CE4_8422_2325)
        var keys: [Int64] = []
        func add(_ id: ByteBuffer) {
            let key = Int64(bitPattern: id.withUnsafeReadableBytes { hash($0, seed: seed) })
            if !keys.contains(key) { keys.append(key) }
        }
        if let own = summary.messageID { add(own) }
        if let answered = summary.inReplyTo { add(answered) }
        for reference in summary.references.suffix(maximumReferences).reversed() { add(reference) }
        return keys
    }

    /// FNV-1a: a forged collision joins two conversations of one account, which a forged References does as well.
    private static func hash(_ bytes: some Sequence<UInt8>, seed: UInt64) -> UInt64 {
        var hash = seed
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return hash
    }
}

extension MessageSummary {
    /// As the header writes it, for queue and trace rows.
    var messageIDText: String? { messageID.map { "<" + String(buffer: $0) + ">" } }
}
