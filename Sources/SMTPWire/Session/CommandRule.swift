/// When a command is allowed, as data: one row a command, so that a test can print it and a reader compare it with the RFCs.
package struct CommandRule: Hashable, Sendable {
    /// Where in a session it may come.
    package struct Phases: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Before EHLO or HELO.
        package static let greeted = Phases(rawValue: 1)
        /// Between transactions.
        package static let ready = Phases(rawValue: 2)
        /// After MAIL was accepted.
        package static let transaction = Phases(rawValue: 4)
        package static let any: Phases = [.greeted, .ready, .transaction]
    }

    package let verb: Verb
    package let phases: Phases
    /// Allowed where TLS is demanded and not yet active (RFC 3207 §4).
    package let beforeTLS: Bool
    /// Allowed where authentication is demanded and has not happened (RFC 4954 §6).
    package let beforeAuthentication: Bool
    /// May only be the last of a pipelined group (RFC 2920 §3.1): the client must wait for the reply.
    package let endsGroup: Bool
    /// Gets no mail moved: a session may send only so many in a row.
    package let isIdle: Bool

    private init(
        _ verb: Verb, _ phases: Phases, beforeTLS: Bool = false, beforeAuthentication: Bool = true,
        endsGroup: Bool = false, isIdle: Bool = false
    ) {
        self.verb = verb
        self.phases = phases
        self.beforeTLS = beforeTLS
        self.beforeAuthentication = beforeAuthentication
        self.endsGroup = endsGroup
        self.isIdle = isIdle
    }

    package static let table: [CommandRule] = [
        CommandRule(.hello, .any, beforeTLS: true, endsGroup: true, isIdle: true),
        CommandRule(.extendedHello, .any, beforeTLS: true, endsGroup: true, isIdle: true),
        CommandRule(.localHello, []),
        CommandRule(.mail, .ready, beforeAuthentication: false),
        CommandRule(.recipient, .transaction, beforeAuthentication: false),
        CommandRule(.data, .transaction, beforeAuthentication: false, endsGroup: true),
        // RFC 3030 §4.2: BDAT may be pipelined, its octets follow without a reply.
        CommandRule(.chunk, .transaction, beforeAuthentication: false),
        CommandRule(.reset, .any, isIdle: true),
        CommandRule(.noop, .any, beforeTLS: true, endsGroup: true, isIdle: true),
        CommandRule(.quit, .any, beforeTLS: true, endsGroup: true),
        CommandRule(.verify, .any, beforeAuthentication: false, endsGroup: true, isIdle: true),
        CommandRule(.expand, .any, beforeAuthentication: false, endsGroup: true, isIdle: true),
        CommandRule(.help, .any, isIdle: true),
        // RFC 3207 §4: what follows STARTTLS is sent under TLS.
        CommandRule(.startTLS, .ready, beforeTLS: true, endsGroup: true),
        // RFC 4954 §4: not within a transaction.
        CommandRule(.authenticate, .ready, endsGroup: true),
    ]

    package static func rule(for verb: Verb) -> CommandRule? { table.first { $0.verb == verb } }
}
