import Bytes
import MailModel

extension Cursor {
    /// ID's arguments (RFC 2971 §3.3): at most 30 fields, names of at most 30 bytes, values of at most 1024.
    mutating func id() throws(SyntaxError) -> Command {
        try space()
        if takeKeyword("NIL") { return .id([]) }
        var fields: [IDField] = []
        try parenthesized(minimum: 0) { (cursor) throws(SyntaxError) in
            guard fields.count < 30 else { throw .tooMany }
            guard let name = String(validating: try cursor.string(), as: UTF8.self), name.utf8.count <= 30 else {
                throw .invalidString
            }
            try cursor.space()
            let value = try cursor.optionalText()
            guard value?.utf8.count ?? 0 <= 1024 else { throw .invalidString }
            fields.append(IDField(name: name, value: value))
        }
        return .id(fields)
    }

    /// AUTHENTICATE's arguments (RFC 9051 §6.2.2, RFC 4959 §3).
    mutating func authenticate() throws(SyntaxError) -> Command {
        try space()
        let mechanism = try keyword()
        guard take(ASCII.space), !isAtEnd else { return .authenticate(mechanism: mechanism, initialResponse: nil) }
        // `=` alone is the empty response, as opposed to none.
        if next == ASCII.equals {
            _ = take(ASCII.equals)
            return .authenticate(mechanism: mechanism, initialResponse: Secret([]))
        }
        let text = run { $0.isIMAPAtom }
        guard let response = Base64.decode(text), !response.isEmpty else { throw .invalidBase64 }
        return .authenticate(mechanism: mechanism, initialResponse: Secret(response))
    }

    /// LOGIN's arguments (RFC 9051 §6.2.3).
    mutating func login() throws(SyntaxError) -> Command {
        try space()
        let user = try text()
        try space()
        return .login(user: user, password: Secret(try astring()))
    }

    /// ENABLE's arguments (RFC 5161 §3.1).
    mutating func enable() throws(SyntaxError) -> Command {
        var capabilities: [Capability] = []
        repeat {
            try space()
            guard capabilities.count < 100 else { throw .tooMany }
            capabilities.append(Capability(try keyword()))
        } while next == ASCII.space
        return .enable(capabilities)
    }
}
