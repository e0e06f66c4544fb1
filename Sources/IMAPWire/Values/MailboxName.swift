import MailModel

/// A mailbox name as folders are called inside the server: UTF-8 in NFC, levels separated by `/`, INBOX in capitals.
/// Modified UTF-7 exists only in `ModifiedUTF7`, at the edge of the wire.
package struct MailboxName: Hashable, Sendable, CustomStringConvertible {
    package static let separator: Character = "/"
    package static let inbox = MailboxName(path: "INBOX")

    /// Without a final separator (RFC 9051 §6.3.4: it only announces children).
    package let path: String

    /// `path` in UTF-8, of any normalisation; INBOX in any case (RFC 9051 §5.1).
    package init(path: String) {
        var name = LocalPart.composed(path)
        if name.utf8.count > 1, name.utf8.last == 0x2F { name.removeLast() }
        if name.utf8.count >= 5, name.prefix(5).lowercased() == "inbox" {
            let rest = name.dropFirst(5)
            if rest.isEmpty || rest.utf8.first == 0x2F { name = "INBOX" + rest }
        }
        self.path = name
    }

    package var description: String { path }
    package var isInbox: Bool { path == "INBOX" }

    /// The names of the levels, outermost first.
    package var components: [String] { path.split(separator: "/", omittingEmptySubsequences: false).map(String.init) }

    /// Whether a folder could be called so: no empty level, no control character, no level longer than 255 bytes, at most
    /// 32 levels.
    package var isWellFormed: Bool {
        let levels = components
        return levels.count <= 32
            && levels.allSatisfy { !$0.isEmpty && $0.utf8.count <= 255 }
            && path.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }
}

/// A LIST or LSUB pattern: `*` matches anything, `%` anything but the separator (RFC 9051 §6.3.9).
package struct ListPattern: Hashable, Sendable {
    package let text: String
    private let pattern: [UInt8]

    /// `text` in UTF-8; a leading INBOX is folded as in names.
    package init(_ text: String) {
        self.text = text
        var bytes = Array(LocalPart.composed(text).utf8)
        if bytes.count >= 5, String(decoding: bytes[..<5], as: UTF8.self).lowercased() == "inbox" {
            let next = bytes.count > 5 ? bytes[5] : 0x2F
            if next == 0x2F || next == 0x2A || next == 0x25 { bytes.replaceSubrange(..<5, with: "INBOX".utf8) }
        }
        // Adjacent wildcards mean the stronger one.
        var collapsed: [UInt8] = []
        for byte in bytes {
            if let last = collapsed.last, last == 0x2A || last == 0x25, byte == 0x2A || byte == 0x25 {
                if byte == 0x2A { collapsed[collapsed.count - 1] = 0x2A }
            } else {
                collapsed.append(byte)
            }
        }
        pattern = collapsed
    }

    package var hasWildcard: Bool { pattern.contains { $0 == 0x2A || $0 == 0x25 } }

    /// Whether the folder called `path` matches. Takes at most pattern × path steps, whatever the pattern.
    package func matches(_ path: String) -> Bool {
        let path = Array(path.utf8)
        // What stands before the first wildcard decides most cases.
        let literal = pattern.prefix { $0 != 0x2A && $0 != 0x25 }
        guard path.starts(with: literal) else { return false }
        guard literal.count < pattern.count else { return path.count == literal.count }
        // The set of pattern positions alive after each byte: no backtracking, so no exponential patterns.
        var alive = [Bool](repeating: false, count: pattern.count + 1)
        var next = alive
        alive[literal.count] = true
        skipWildcards(&alive)
        for byte in path[literal.count...] {
            var any = false
            for index in next.indices { next[index] = false }
            for index in literal.count..<pattern.count where alive[index] {
                let isAlive: Bool
                switch pattern[index] {
                case 0x2A: isAlive = true
                case 0x25: isAlive = byte != 0x2F
                case byte:
                    next[index + 1] = true
                    any = true
                    isAlive = false
                default: isAlive = false
                }
                if isAlive {
                    next[index] = true
                    any = true
                }
            }
            guard any else { return false }
            skipWildcards(&next)
            swap(&alive, &next)
        }
        return alive[pattern.count]
    }

    private func skipWildcards(_ alive: inout [Bool]) {
        for index in 0..<pattern.count where alive[index] && (pattern[index] == 0x2A || pattern[index] == 0x25) {
            alive[index + 1] = true
        }
    }
}
