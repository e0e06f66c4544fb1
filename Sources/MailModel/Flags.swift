/// The system flags of a message (RFC 9051 §2.3.2), as stored.
package struct SystemFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let seen = SystemFlags(rawValue: 1)
    package static let answered = SystemFlags(rawValue: 2)
    package static let flagged = SystemFlags(rawValue: 4)
    package static let deleted = SystemFlags(rawValue: 8)
    package static let draft = SystemFlags(rawValue: 16)

    package static let all: SystemFlags = [.seen, .answered, .flagged, .deleted, .draft]
}

/// A keyword (RFC 9051 §2.3.2): a flag that a user or a program named. Compared without regard to ASCII case; the
/// spelling first used in an account is the one shown.
package struct Keyword: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package init(_ name: String) { self.name = name }
    package var description: String { name }

    /// Longest keyword accepted, in bytes.
    package static let maximumLength = 128

    package static func == (left: Self, right: Self) -> Bool {
        left.name.utf8.count == right.name.utf8.count
            && zip(left.name.utf8, right.name.utf8).allSatisfy { Self.lower($0) == Self.lower($1) }
    }

    package func hash(into hasher: inout Hasher) {
        for byte in name.utf8 { hasher.combine(Self.lower(byte)) }
    }

    private static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    package static let forwarded = Keyword("$Forwarded")
    package static let mdnSent = Keyword("$MDNSent")
    package static let junk = Keyword("$Junk")
    package static let notJunk = Keyword("$NotJunk")
    package static let phishing = Keyword("$Phishing")
}

/// All flags of one message.
package struct MessageFlags: Hashable, Sendable {
    package var system: SystemFlags
    package var keywords: Set<Keyword>

    package init(_ system: SystemFlags = [], keywords: Set<Keyword> = []) {
        self.system = system
        self.keywords = keywords
    }
}
