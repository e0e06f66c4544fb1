package import MailModel

/// What the session does next. Answers appear in the order of the commands (RFC 2449 §6.6).
package enum POP3Action: Hashable, Sendable {
    /// No complete line is left: read more.
    case needInput
    case reply(POP3Reply)
    /// Write `POP3Machine.capabilities`.
    case capabilities
    /// Write the names of the mechanisms, one a line.
    case mechanisms
    /// Write the whole listing of `POP3Machine.maildrop`.
    case list(POP3Listing)
    /// Answer with the unique id of one message.
    case uniqueID(Int)
    /// Send message `index` (from 0); with `lines`, its header and so many lines of its body. Then `markRetrieved`, unless
    /// `lines` is set.
    case retrieve(index: Int, lines: Int?)
    /// Check the password, then `loggedIn` or `loginFailed`.
    case login(user: String, password: Secret<String>)
    /// Start the exchange. Say `awaitResponse` for each challenge, and `loggedIn` or `loginFailed` at its end.
    case authenticate(mechanism: String, initialResponse: Secret<[UInt8]>?)
    /// Pass the client's answer to the exchange.
    case response(Secret<[UInt8]>)
    /// Drop the exchange; tell why.
    case abandonExchange(POP3Reply)
    /// Write the reply, serve the TLS handshake, then set `capabilities` anew and say `tlsStarted`.
    case startTLS(POP3Reply)
    /// QUIT of a client that is logged in: delete what is marked, answer, close (RFC 1939 §6).
    case update
    /// Write the reply and close, deleting nothing.
    case close(POP3Reply)
}
