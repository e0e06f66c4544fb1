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
                "Connections at a time, all services together."),
            ConfigurationKey(
                "limits.connectionsPerAddress", \.limits.connectionsPerAddress, .integer(1...1_000_000),
                "Connections at a time from one address (from one /64 of IPv6)."),
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
                "How long an IMAP or POP3 session may go without logging in."),
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
