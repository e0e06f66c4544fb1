/// The first word of a command line, as far as this server knows it.
package enum Verb: String, CaseIterable, Sendable {
    case hello = "HELO"
    case extendedHello = "EHLO"
    /// LMTP's greeting (RFC 2033 §4.1). Known so that it gets a better answer than "unknown command".
    case localHello = "LHLO"
    case mail = "MAIL"
    case recipient = "RCPT"
    case data = "DATA"
    case chunk = "BDAT"
    case reset = "RSET"
    case noop = "NOOP"
    case quit = "QUIT"
    case verify = "VRFY"
    case expand = "EXPN"
    case help = "HELP"
    case startTLS = "STARTTLS"
    case authenticate = "AUTH"

    /// Longest verb in bytes; a longer word needs no look-up.
    static let maximumLength = 8

    /// Words that begin another protocol's requests: somebody makes an HTTP client talk to a mail server.
    static let foreignWords: Set<String> = ["GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS"]
}
