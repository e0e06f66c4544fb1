import Bytes

extension Cursor {
    /// LIST's arguments, plain or extended (RFC 9051 §6.3.9, RFC 5258 §6).
    mutating func list() throws(SyntaxError) -> Command {
        try space()
        var command = ListCommand(patterns: [])
        if next == ASCII.leftParenthesis {
            command.isExtended = true
            command.selection = try listSelection()
            try space()
        }
        command.reference = try mailboxText()
        try space()
        if next == ASCII.leftParenthesis {
            command.isExtended = true
            var patterns: [String] = []
            try parenthesized { (cursor) throws(SyntaxError) in
                guard patterns.count < cursor.limits.patterns else { throw .tooMany }
                patterns.append(try cursor.listMailbox())
            }
            command.patterns = patterns
        } else {
            command.patterns = [try listMailbox()]
        }
        if take(ASCII.space), !isAtEnd {
            guard takeKeyword("RETURN") else { throw .unknownOption }
            try space()
            command.isExtended = true
            try parenthesized(minimum: 0) { (cursor) throws(SyntaxError) in
                try cursor.listReturnOption(into: &command)
            }
        }
        return .list(command)
    }

    /// LSUB's arguments (RFC 3501 §6.3.9).
    mutating func lsub() throws(SyntaxError) -> Command {
        try space()
        let reference = try mailboxText()
        try space()
        return .lsub(reference: reference, pattern: try listMailbox())
    }

    private mutating func listSelection() throws(SyntaxError) -> ListSelection {
        var selection: ListSelection = []
        try parenthesized(minimum: 0) { (cursor) throws(SyntaxError) in
            switch try cursor.keyword() {
            case "SUBSCRIBED": selection.insert(.subscribed)
            case "REMOTE": selection.insert(.remote)
            case "RECURSIVEMATCH": selection.insert(.recursiveMatch)
            case "SPECIAL-USE": selection.insert(.specialUse)
            default: throw .unknownOption
            }
        }
        // RFC 5258 §3.1: RECURSIVEMATCH only modifies another option that selects.
        if selection.contains(.recursiveMatch), selection.isDisjoint(with: [.subscribed, .specialUse]) {
            throw .invalidArgument
        }
        return selection
    }

    private mutating func listReturnOption(into command: inout ListCommand) throws(SyntaxError) {
        switch try keyword() {
        case "SUBSCRIBED": command.returns.insert(.subscribed)
        case "CHILDREN": command.returns.insert(.children)
        case "SPECIAL-USE": command.returns.insert(.specialUse)
        case "STATUS":
            try space()
            command.status = try statusItems()
        default: throw .unknownOption
        }
    }

    /// `list-mailbox`: a pattern, bare, quoted or literal.
    private mutating func listMailbox() throws(SyntaxError) -> String {
        let bytes: [UInt8]
        switch next {
        case ASCII.doubleQuote, ASCII.leftBrace: bytes = try string()
        default:
            let run = run(\.isIMAPListCharacter)
            guard !run.isEmpty else { throw isAtEnd ? .missingArgument : .invalidMailbox }
            bytes = Array(run)
        }
        return try decoded(bytes)
    }

    /// The reference: a mailbox name's text, whose final separator counts.
    private mutating func mailboxText() throws(SyntaxError) -> String {
        try decoded(try astring())
    }

    private func decoded(_ bytes: [UInt8]) throws(SyntaxError) -> String {
        guard bytes.count <= limits.mailboxName, let text = ModifiedUTF7.decode(bytes) else { throw .invalidMailbox }
        return text
    }
}
