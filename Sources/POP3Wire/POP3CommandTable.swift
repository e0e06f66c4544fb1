import Bytes

/// The first word of a command.
package enum POP3Keyword: String, CaseIterable, Hashable, Sendable {
    case user = "USER"
    case pass = "PASS"
    case apop = "APOP"
    case auth = "AUTH"
    case stls = "STLS"
    case capa = "CAPA"
    case utf8 = "UTF8"
    case lang = "LANG"
    case stat = "STAT"
    case list = "LIST"
    case uidl = "UIDL"
    case retr = "RETR"
    case top = "TOP"
    case dele = "DELE"
    case rset = "RSET"
    case noop = "NOOP"
    case quit = "QUIT"
}

/// The states a client can be in when it may send a command (RFC 1939 §3).
package struct POP3States: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let authorization = POP3States(rawValue: 1)
    package static let transaction = POP3States(rawValue: 2)
}

/// Where each command is allowed and what follows its keyword.
struct POP3CommandRule: Sendable {
    enum Arguments: Sendable {
        case none
        /// The rest of the line is one argument.
        case text
        /// Words, at least and at most so many.
        case words(ClosedRange<Int>)
    }

    let keyword: POP3Keyword
    let states: POP3States
    let arguments: Arguments

    static func rule(for keyword: POP3Keyword) -> POP3CommandRule {
        let (states, arguments): (POP3States, Arguments) =
            switch keyword {
            case .user, .pass: (.authorization, .text)
            case .auth: (.authorization, .words(0...2))
            case .stls, .utf8: (.authorization, .none)
            case .capa, .quit: ([.authorization, .transaction], .none)
            case .stat, .rset, .noop: (.transaction, .none)
            case .list, .uidl: (.transaction, .words(0...1))
            case .retr, .dele: (.transaction, .words(1...1))
            case .top: (.transaction, .words(2...2))
            case .apop, .lang: ([.authorization, .transaction], .words(0...100))
            }
        return POP3CommandRule(keyword: keyword, states: states, arguments: arguments)
    }

    /// The keyword spelt by `bytes` in any case; keywords have three or four letters (RFC 2449 §3).
    static func keyword(_ bytes: some Collection<UInt8>) -> POP3Keyword? {
        guard (3...4).contains(bytes.count) else { return nil }
        return byName[bytes.reduce(0) { $0 << 8 | UInt32($1.asciiUppercased) }]
    }

    private static let byName: [UInt32: POP3Keyword] = {
        var table: [UInt32: POP3Keyword] = [:]
        for keyword in POP3Keyword.allCases {
            table[keyword.rawValue.utf8.reduce(0) { $0 << 8 | UInt32($1) }] = keyword
        }
        return table
    }()
}
