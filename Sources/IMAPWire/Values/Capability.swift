/// A capability name (RFC 9051 §7.2.2): a set that grows, so unknown ones survive unchanged. Compared without case.
package struct Capability: Hashable, Sendable, CustomStringConvertible {
    /// As it is usually spelled: some clients look for `IMAP4rev1` in exactly these letters.
    package let name: String
    package init(_ name: String) { self.name = name }
    package var description: String { name }

    package static func == (left: Self, right: Self) -> Bool { left.name.uppercased() == right.name.uppercased() }
    package func hash(into hasher: inout Hasher) { hasher.combine(name.uppercased()) }

    package static let imap4rev1 = Capability("IMAP4rev1")
    package static let imap4rev2 = Capability("IMAP4rev2")
    package static let startTLS = Capability("STARTTLS")
    package static let loginDisabled = Capability("LOGINDISABLED")
    package static let saslIR = Capability("SASL-IR")
    package static let literalPlus = Capability("LITERAL+")
    package static let literalMinus = Capability("LITERAL-")
    package static let id = Capability("ID")
    package static let enable = Capability("ENABLE")
    package static let idle = Capability("IDLE")
    package static let namespace = Capability("NAMESPACE")
    package static let children = Capability("CHILDREN")
    package static let specialUse = Capability("SPECIAL-USE")
    package static let createSpecialUse = Capability("CREATE-SPECIAL-USE")
    package static let listExtended = Capability("LIST-EXTENDED")
    package static let listStatus = Capability("LIST-STATUS")
    package static let uidPlus = Capability("UIDPLUS")
    package static let unselect = Capability("UNSELECT")
    package static let move = Capability("MOVE")
    package static let esearch = Capability("ESEARCH")
    package static let within = Capability("WITHIN")
    package static let conditionalStore = Capability("CONDSTORE")
    package static let quota = Capability("QUOTA")
    package static let quotaStorage = Capability("QUOTA=RES-STORAGE")
    package static let binary = Capability("BINARY")
    package static let multiAppend = Capability("MULTIAPPEND")
    package static let statusSize = Capability("STATUS=SIZE")
    package static let utf8Accept = Capability("UTF8=ACCEPT")

    package static func authentication(_ mechanism: String) -> Capability { Capability("AUTH=" + mechanism) }
    /// RFC 7889 §3: bytes.
    package static func appendLimit(_ bytes: Int) -> Capability { Capability("APPENDLIMIT=\(bytes)") }
}
