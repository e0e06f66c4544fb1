import Bytes

extension Cursor {
    /// `tag SP`.
    mutating func tag() throws(SyntaxError) -> String {
        guard let tag = leadingTag() else { throw .missingTag }
        guard take(ASCII.space) else { throw .missingCommand }
        return tag
    }

    /// The tag alone: what a BAD can be addressed to.
    mutating func leadingTag() -> String? {
        let run = run(\.isIMAPTag)
        guard !run.isEmpty, run.count <= 256, next == ASCII.space || isAtEnd else { return nil }
        return String(decoding: run, as: UTF8.self)
    }

    /// The command's name, with UID's second word.
    mutating func commandKind() throws(SyntaxError) -> CommandKind {
        let word = run(\.isASCIILetter)
        guard !word.isEmpty else { throw isAtEnd ? .missingCommand : .unknownCommand }
        var name = String(decoding: word.map(\.asciiUppercased), as: UTF8.self)
        if name == "UID" {
            try space()
            name += " " + String(decoding: run(\.isASCIILetter).map(\.asciiUppercased), as: UTF8.self)
        }
        guard let kind = CommandKind(rawValue: name), isAtEnd || next == ASCII.space else { throw .unknownCommand }
        return kind
    }

    /// The arguments of `kind`, to the end of the command.
    mutating func arguments(of kind: CommandKind) throws(SyntaxError) -> Command {
        let command = try unendedArguments(of: kind)
        try end()
        return command
    }

    private mutating func unendedArguments(of kind: CommandKind) throws(SyntaxError) -> Command {
        switch kind {
        case .capability: .capability
        case .noop: .noop
        case .logout: .logout
        case .id: try id()
        case .startTLS: .startTLS
        case .authenticate: try authenticate()
        case .login: try login()
        case .enable: try enable()
        case .select: try select(isReadOnly: false)
        case .examine: try select(isReadOnly: true)
        case .create: try create()
        case .delete: .delete(try spacedMailbox())
        case .rename: try rename()
        case .subscribe: .subscribe(try spacedMailbox())
        case .unsubscribe: .unsubscribe(try spacedMailbox())
        case .list: try list()
        case .lsub: try lsub()
        case .namespace: .namespace
        case .status: try status()
        case .getQuota: .getQuota(root: try spacedText())
        case .getQuotaRoot: .getQuotaRoot(try spacedMailbox())
        case .setQuota: try setQuota()
        case .idle: .idle
        // Streamed: an APPEND that comes here has no message literal.
        case .append: throw .missingArgument
        case .check: .check
        case .close: .close
        case .unselect: .unselect
        case .expunge: .expunge
        case .uidExpunge: .uidExpunge(try spacedMessageSet())
        case .search: try search(isUID: false)
        case .uidSearch: try search(isUID: true)
        case .fetch: try fetch(isUID: false)
        case .uidFetch: try fetch(isUID: true)
        case .store: try store(isUID: false)
        case .uidStore: try store(isUID: true)
        case .copy: .copy(try copy(isUID: false))
        case .uidCopy: .copy(try copy(isUID: true))
        case .move: .move(try copy(isUID: false))
        case .uidMove: .move(try copy(isUID: true))
        }
    }

    private mutating func spacedMailbox() throws(SyntaxError) -> MailboxName {
        try space()
        return try mailbox()
    }

    private mutating func spacedText() throws(SyntaxError) -> String {
        try space()
        return try text()
    }

    private mutating func spacedMessageSet() throws(SyntaxError) -> MessageSet {
        try space()
        return try messageSet()
    }
}
