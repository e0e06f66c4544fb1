import MailModel
import MessageFormat
import NIOCore

/// What makes two messages of an account one conversation: a common message id in Message-ID, In-Reply-To or References,
/// and the same base subject (RFC 8621 §3). Each key stands for one such pair.
enum ThreadKeys {
    /// References beyond this many, counted from the newest, are not looked at.
    static let maximumReferences = 32

    /// The message's own id first, then those it answers, newest first.
    static func keys(ofHeader header: ByteBuffer) -> [UInt64] {
        var own: [ArraySlice<UInt8>] = []
        var answered: [ArraySlice<UInt8>] = []
        var subject = ""
        for field in HeaderBlock(header) {
            if field.isNamed("message-id") {
                own = messageIDs(field.rawValue).suffix(1)
            } else if field.isNamed("in-reply-to") {
                answered = messageIDs(field.rawValue) + answered
            } else if field.isNamed("references") {
                answered += messageIDs(field.rawValue).reversed()
            } else if field.isNamed("subject") {
                subject = field.decodedValue
            }
        }
        let seed = hash(baseSubject(subject).utf8, seed: 0xCBF2_9CE4_8422_2325)
        var keys: [UInt64] = []
        for id in own + answered.prefix(maximumReferences) {
            let key = hash(id, seed: seed)
            if !keys.contains(key) { keys.append(key) }
        }
        return keys
    }

    /// The texts between angle brackets (RFC 5322 §3.6.4).
    private static func messageIDs(_ value: ByteBuffer) -> [ArraySlice<UInt8>] {
        let bytes = Array(value.readableBytesView)
        var found: [ArraySlice<UInt8>] = []
        var start: Int?
        for (index, byte) in bytes.enumerated() {
            if byte == 0x3C {
                start = index + 1
            } else if byte == 0x3E, let first = start {
                if first < index, index - first <= 998 { found.append(bytes[first..<index]) }
                start = nil
                if found.count >= 1000 { break }
            }
        }
        return found
    }

    /// Without prefixes and suffixes of replies and forwards, lower-case, white space collapsed (RFC 5256 §2.1).
    static func baseSubject(_ subject: String) -> String {
        var text = subject.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")[...]
        var isShrinking = true
        while isShrinking {
            isShrinking = false
            while text.hasSuffix("(fwd)") {
                text = text.dropLast(5)
                while text.last == " " { text.removeLast() }
                isShrinking = true
            }
            if let rest = withoutReplyPrefix(text) ?? withoutBlob(text) {
                text = rest
                isShrinking = true
            }
        }
        return String(text)
    }

    /// Without one `re:`, `fw:` or `fwd:`, which a `[blob]` may precede the colon of.
    private static func withoutReplyPrefix(_ text: Substring) -> Substring? {
        for prefix in ["re", "fwd", "fw"] where text.hasPrefix(prefix) {
            var rest = text.dropFirst(prefix.count).drop { $0 == " " }
            if rest.first == "[", let end = rest.firstIndex(of: "]") {
                rest = rest[rest.index(after: end)...].drop { $0 == " " }
            }
            if rest.first == ":" { return rest.dropFirst().drop { $0 == " " } }
        }
        return nil
    }

    /// Without a leading `[blob]`, if anything is left then.
    private static func withoutBlob(_ text: Substring) -> Substring? {
        guard text.first == "[", let end = text.firstIndex(of: "]"), !text[..<end].dropFirst().contains("[") else {
            return nil
        }
        let rest = text[text.index(after: end)...].drop { $0 == " " }
        return rest.isEmpty ? nil : rest
    }

    /// FNV-1a: a forged collision joins two conversations of one account, which a forged References does as well.
    private static func hash(_ bytes: some Sequence<UInt8>, seed: UInt64) -> UInt64 {
        var hash = seed
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return hash
    }
}
