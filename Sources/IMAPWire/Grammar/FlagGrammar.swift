import Bytes
import MailModel

extension Cursor {
    /// `flag-list`, also empty.
    mutating func flagList() throws(SyntaxError) -> MessageFlags {
        var flags = MessageFlags()
        try parenthesized(minimum: 0) { (cursor) throws(SyntaxError) in try cursor.flag(into: &flags) }
        return flags
    }

    /// STORE's flags, in parentheses or not (RFC 9051 §9 "store-att-flags").
    mutating func storeFlags() throws(SyntaxError) -> MessageFlags {
        if next == ASCII.leftParenthesis { return try flagList() }
        var flags = MessageFlags()
        var count = 0
        repeat {
            count += 1
            guard count <= limits.listItems else { throw .tooMany }
            try flag(into: &flags)
        } while take(ASCII.space)
        return flags
    }

    /// `flag-keyword`.
    mutating func flagKeyword() throws(SyntaxError) -> Keyword {
        let run = run(\.isIMAPAtom)
        guard !run.isEmpty, run.count <= Keyword.maximumLength else { throw .invalidFlag }
        return Keyword(String(decoding: run, as: UTF8.self))
    }

    private mutating func flag(into flags: inout MessageFlags) throws(SyntaxError) {
        guard take(ASCII.backslash) else {
            flags.keywords.insert(try flagKeyword())
            return
        }
        switch try keyword() {
        case "SEEN": flags.system.insert(.seen)
        case "ANSWERED": flags.system.insert(.answered)
        case "FLAGGED": flags.system.insert(.flagged)
        case "DELETED": flags.system.insert(.deleted)
        case "DRAFT": flags.system.insert(.draft)
        // RFC 3501 §2.3.2: a client cannot alter it. Some copy it with the other flags of a message.
        case "RECENT": break
        default: throw .invalidFlag
        }
    }
}
