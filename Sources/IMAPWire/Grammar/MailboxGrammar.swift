import Bytes

extension Cursor {
    /// SELECT's and EXAMINE's arguments (RFC 9051 §6.3.2, RFC 4466 §2.1).
    mutating func select(isReadOnly: Bool) throws(SyntaxError) -> Command {
        try space()
        var command = SelectCommand(mailbox: try mailbox(), isReadOnly: isReadOnly)
        if take(ASCII.space), !isAtEnd {
            try parenthesized { (cursor) throws(SyntaxError) in
                guard cursor.takeKeyword("CONDSTORE") else { throw .unknownOption }
                command.conditionalStore = true
            }
        }
        return .select(command)
    }

    /// CREATE's arguments (RFC 9051 §6.3.4, RFC 6154 §3).
    mutating func create() throws(SyntaxError) -> Command {
        try space()
        let mailbox = try mailbox()
        var uses: [String] = []
        if take(ASCII.space), !isAtEnd {
            try parenthesized { (cursor) throws(SyntaxError) in
                guard cursor.takeKeyword("USE") else { throw .unknownOption }
                try cursor.space()
                try cursor.parenthesized(minimum: 0) { (cursor) throws(SyntaxError) in
                    try cursor.require(ASCII.backslash)
                    uses.append("\\" + String(decoding: cursor.run(\.isIMAPAtom), as: UTF8.self))
                }
            }
        }
        return .create(mailbox, uses: uses)
    }

    mutating func rename() throws(SyntaxError) -> Command {
        try space()
        let from = try mailbox()
        try space()
        return .rename(from: from, to: try mailbox())
    }

    /// STATUS's arguments (RFC 9051 §6.3.11).
    mutating func status() throws(SyntaxError) -> Command {
        try space()
        let mailbox = try mailbox()
        try space()
        return .status(mailbox, try statusItems())
    }

    func knownStatusItem(_ name: String) throws(SyntaxError) -> StatusItem {
        guard let item = StatusItem(rawValue: name) else { throw .unknownStatusItem }
        return item
    }

    mutating func statusItems() throws(SyntaxError) -> [StatusItem] {
        var items: [StatusItem] = []
        try parenthesized { (cursor) throws(SyntaxError) in
            let item = try cursor.knownStatusItem(try cursor.keyword())
            if !items.contains(item) { items.append(item) }
        }
        return items
    }

    /// SETQUOTA's arguments (RFC 9208 §4.1.3).
    mutating func setQuota() throws(SyntaxError) -> Command {
        try space()
        let root = try text()
        try space()
        var limits: [QuotaLimit] = []
        try parenthesized(minimum: 0) { (cursor) throws(SyntaxError) in
            let resource = try cursor.keyword()
            try cursor.space()
            limits.append(QuotaLimit(resource: resource, limit: try cursor.number64()))
        }
        return .setQuota(root: root, limits)
    }
}
