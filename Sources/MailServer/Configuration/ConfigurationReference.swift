import Logging

/// Every key there is: the one list behind reading, checking, help and docs/configuration.md.
package enum ConfigurationReference {
    private static let gigabyte: Int64 = 1_000_000_000

    /// In the order of the documentation; the part before the dot is the section.
    package static let keys: [ConfigurationKey] =
        [
            ConfigurationKey(
                "server.name", \.server.name, .optional(.hostName), default: "the machine's host name",
                "The name in greetings, `Received` lines and the self-made certificate."),
            ConfigurationKey(
                "server.postmaster", \.server.postmaster, .optional(.emailAddress),
                default: "postmaster of each domain",
                "Who gets the mail for `postmaster` where a domain has no such account or alias (RFC 5321 §4.5.1)."),
            ConfigurationKey(
                "server.user", \.server.user, .optional(.userName),
                default: "owner of the data folder, else the system user martlet",
                "Whom `serve` becomes when root starts it, once ports are bound and keys are read. `root` to stay root."
            ),
            ConfigurationKey(
                "server.coreDumps", \.server.coreDumps, .boolean,
                "Whether a crash may leave a core file, and a debugger of the same user may look inside. Both show passwords and mail."
            ),
            ConfigurationKey(
                "listen.address", \.listen.address, .bindAddress,
                "Where the doors below listen, unless they name an address of their own."),
        ] + ListenerService.allCases.map(door)
        + [
            ConfigurationKey(
                "listeners", \.listen.explicit, .listeners,
                "The long form, for several addresses or ports of one service: when it is given, it is the whole list, and none of "
                    + "`listen.*` may be. `address` is `*` and `port` the standard one unless told."),
            ConfigurationKey(
                "tls.certificate", \.tls.certificate, .optional(.path),
                "PEM file with the server's certificate, then the intermediate ones. Read again when it changes, and on SIGHUP."
            ),
            ConfigurationKey(
                "tls.key", \.tls.key, .optional(.path), "PEM file with the private key of the certificate."),
            ConfigurationKey(
                "tls.minimumVersion", \.tls.minimumVersion, .choice,
                "The oldest TLS spoken. Older than 1.2 is not offered (RFC 9325 §3.1.1)."),
            ConfigurationKey(
                "tls.channelBinding", \.tls.channelBinding, .boolean,
                "Whether SCRAM-SHA-256-PLUS is offered under TLS 1.3. Some clients take it and then fail; see docs/quirks.md."
            ),
            ConfigurationKey(
                "auth.plaintext", \.auth.plaintext, .boolean,
                "Whether a password may be sent without TLS. Leave it off outside a test."),
            ConfigurationKey(
                "password.minimumLength", \.password.minimumLength, .integer(1...128, unit: "characters"),
                "The shortest password that may be set."),
            ConfigurationKey(
                "smtp.maximumSize", \.smtp.maximumSize, .size(64_000...gigabyte),
                "The largest message taken, announced as SIZE (RFC 1870)."),
            ConfigurationKey(
                "smtp.maximumRecipients", \.smtp.maximumRecipients, .integer(100...100_000),
                "Recipients in one transaction; at least 100 (RFC 5321 §4.5.3.1.8)."),
            ConfigurationKey(
                "smtp.maximumHops", \.smtp.maximumHops, .integer(10...1000),
                "A message with more `Received` lines than this is refused as going in circles; at least 100 by RFC 5321 §6.3."
            ),
            ConfigurationKey(
                "smtp.timeout", \.smtp.timeout, .duration(.seconds(1)...(.seconds(3600))),
                "How long a session waits for the next command or data; five minutes by RFC 5321 §4.5.3.2.7."),
            ConfigurationKey(
                "smtp.sessionTime", \.smtp.sessionTime, .duration(.seconds(1)...(.seconds(86400))),
                "How long a session may go on without a message taken; the time that content takes to come does not count."
            ),
            ConfigurationKey(
                "smtp.maximumErrors", \.smtp.maximumErrors, .integer(2...100_000),
                "Refused commands and unknown recipients since the last message taken, before the session is ended with 421. From "
                    + "half of them on each answer takes a second. Those of users who have logged in are counted only for syntax."
            ),
            ConfigurationKey(
                "smtp.maximumIdleCommands", \.smtp.maximumIdleCommands, .integer(2...100_000),
                "Commands since the last message taken that move no mail (EHLO, RSET, NOOP, VRFY, HELP), before 421."),
            ConfigurationKey(
                "smtp.messagesPerSession", \.smtp.messagesPerSession, .integer(0...1_000_000),
                "Messages taken in one session before 421 asks the client to connect again; 0 for any number."),
            ConfigurationKey(
                "imap.timeout", \.imap.timeout, .duration(.seconds(1)...(.seconds(86400))),
                "How long a logged-in session may be silent; at least 30 minutes by RFC 9051 §5.4."),
            ConfigurationKey(
                "imap.maximumAppendSize", \.imap.maximumAppendSize, .size(64_000...gigabyte),
                "The largest message taken by APPEND, announced as APPENDLIMIT (RFC 7889)."),
            ConfigurationKey(
                "pop3.timeout", \.pop3.timeout, .duration(.seconds(1)...(.seconds(86400))),
                "How long a session may be silent; at least ten minutes by RFC 1939 §3."),
            ConfigurationKey(
                "limits.connections", \.limits.connections, .integer(1...1_000_000),
                "Connections at a time, all services together. Lowered at start to what the limit of open files allows."
            ),
            ConfigurationKey(
                "limits.unauthenticatedConnections", \.limits.unauthenticatedConnections, .integer(1...1_000_000),
                "Of these, how many may be by peers that have not logged in; mail from other servers is among them. Beyond it, a "
                    + "newcomer takes the place of the one that has been idle for longest."),
            ConfigurationKey(
                "limits.connectionsPerAddress", \.limits.connectionsPerAddress, .integer(1...1_000_000),
                "Connections at a time from one address (from one /64 of IPv6)."),
            ConfigurationKey(
                "limits.connectionRate", \.limits.connectionRate, .integer(0...1_000_000, unit: "a minute"),
                "New connections from one address (one /64 of IPv6), a quarter of them at once; 0 for any number."),
            ConfigurationKey(
                "limits.loopback", \.limits.loopback, .boolean,
                "Whether the limits for each address bind loopback clients too."),
            ConfigurationKey(
                "limits.loginFailures", \.limits.loginFailures, .integer(1...1_000_000),
                "Failed logins borne from one address before it has to wait."),
            ConfigurationKey(
                "limits.loginFailuresPerAccount", \.limits.loginFailuresPerAccount, .integer(1...1_000_000),
                "Failed logins borne for one account before addresses that never succeeded for it have to wait."),
            ConfigurationKey(
                "limits.loginForgiveness", \.limits.loginForgiveness, .duration(.seconds(1)...(.seconds(86400))),
                "The time in which one failed login is forgotten."),
            ConfigurationKey(
                "limits.authTimeout", \.limits.authTimeout, .duration(.seconds(1)...(.seconds(3600))),
                "How long an IMAP or POP3 session may go without logging in, whatever it sends."),
            ConfigurationKey(
                "limits.handshakeTimeout", \.limits.handshakeTimeout, .duration(.seconds(1)...(.seconds(600))),
                "How long a TLS handshake may take in all."),
            ConfigurationKey(
                "limits.sessionsPerAccount", \.limits.sessionsPerAccount, .integer(1...1_000_000),
                "Sessions of one account at a time, for each of submission, IMAP and POP3."),
            ConfigurationKey(
                "limits.messagesPerHour", \.limits.messagesPerHour, .integer(0...1_000_000),
                "Messages that one account may submit, evenly refilled; 0 for any number. Forgotten at a restart."),
            ConfigurationKey(
                "limits.recipientsPerDay", \.limits.recipientsPerDay, .integer(0...100_000_000),
                "Recipients that one account may submit to, evenly refilled; 0 for any number. Forgotten at a restart."),
            ConfigurationKey(
                "limits.searchesPerAccount", \.limits.searchesPerAccount, .integer(1...1000),
                "Searches that one account may run at once; more of them wait their turn."),
            ConfigurationKey(
                "limits.minimumRate", \.limits.minimumRate, .integer(0...1_000_000, unit: "bytes a second"),
                "The slowest that a peer may send what it has begun (a line, a message), or read what it has asked for, once "
                    + "`limits.rateGrace` is used up; 0: only who takes nothing at all is too slow."),
            ConfigurationKey(
                "limits.rateGrace", \.limits.rateGrace, .duration(.seconds(1)...(.seconds(3600))),
                "How long a peer may be slower than that, or silent amid something; bytes earn it back."),
            ConfigurationKey(
                "limits.outputMemory", \.limits.outputMemory, .size(1_000_000...(64 * gigabyte)),
                "Memory for replies that slow readers have not taken. From half of it on the grace is ten seconds."),
            ConfigurationKey(
                "limits.intakeMemory", \.limits.intakeMemory, .size(1_000_000...(64 * gigabyte)),
                "Memory for messages on their way in. From half of it on the grace is ten seconds; beyond it, messages are "
                    + "refused for the time being (452, NO)."),
            ConfigurationKey(
                "store.segmentSize", \.store.segmentSize, .size(1_000_000...(4 * gigabyte)),
                "The size at which a content file is sealed and the next one begun."),
            ConfigurationKey(
                "store.minimumFreeSpace", \.store.minimumFreeSpace, .size(0...(1000 * gigabyte)),
                "New mail is refused for the time being (452, NO) where it would leave less room than this on the disk, so that "
                    + "flags can still be set and mail removed."),
            ConfigurationKey(
                "store.recoverableDays", \.store.recoverableDays, .integer(0...3650, unit: "days"),
                "How long deleted mail can be brought back."),
            ConfigurationKey("store.compression", \.store.compression, .choice, "How message content is compressed."),
            ConfigurationKey(
                "queue.retry", \.queue.retry,
                .list(of: .duration(.milliseconds(100)...(.seconds(7 * 86400))), atMost: 32),
                "The waits between attempts at one destination; the last one repeats."),
            ConfigurationKey(
                "queue.expire", \.queue.expire, .duration(.seconds(1)...(.seconds(60 * 86400))),
                "When undelivered mail goes back to its sender (RFC 5321 §4.5.4.1)."),
            ConfigurationKey(
                "queue.delayWarning", \.queue.delayWarning, .duration(.zero...(.seconds(60 * 86400))),
                "When the sender is told that mail is delayed; 0 for never."),
            ConfigurationKey(
                "resolver", \.resolver, .optional(.endpoint), default: "the system's",
                "The DNS server for all look-ups."),
            ConfigurationKey("log.level", \.log.level, .choice, "The least important kind of line that is logged."),
            ConfigurationKey(
                "log.format", \.log.format, .choice,
                "Lines for people, or one JSON object a line; always on standard error."),
            ConfigurationKey(
                "http.metrics", \.http.metrics, .boolean, "Whether `/metrics` is served, in Prometheus' text format."),
            ConfigurationKey(
                "http.allow", \.http.allow, .list(of: .network, atMost: 256),
                "From where `/metrics` may be read; others get 403."),
            ConfigurationKey(
                "http.headerTimeout", \.http.headerTimeout, .duration(.seconds(1)...(.seconds(3600))),
                "How long the header of a request may take to come, from the connection or the answer before it."),
            ConfigurationKey(
                "shutdown.grace", \.shutdown.grace, .duration(.zero...(.seconds(3600))),
                "How long running sessions may go on when the server is stopped."),
        ]

    private static func door(_ service: ListenerService) -> ConfigurationKey {
        let tls = service.isImplicitTLS ? ", with TLS from the start" : ""
        return ConfigurationKey(
            "listen.\(service.rawValue)", \.listen.doors[service], .door,
            "The port of \(title(service))\(tls); `off` closes it.")
    }

    private static func title(_ service: ListenerService) -> String {
        switch service {
        case .smtp: "SMTP, for mail from other servers"
        case .submission: "submission, for users' mail"
        case .submissions: "submission"
        case .imap: "IMAP"
        case .imaps: "IMAP"
        case .pop3: "POP3"
        case .pop3s: "POP3"
        case .http: "HTTP, for health and metrics"
        case .https: "HTTP"
        }
    }
}
