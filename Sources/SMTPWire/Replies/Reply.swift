/// What the client is told: code, enhanced status and text.
package struct Reply: Hashable, Sendable {
    package let code: ReplyCode
    /// Nil where RFC 2034 §4 wants none: the greeting, HELO, EHLO and 3yz replies.
    package let status: EnhancedStatus?
    package let text: String
    /// Further lines of a multi-line reply.
    package let moreLines: [String]

    package init(_ code: ReplyCode, _ status: EnhancedStatus?, _ text: String, moreLines: [String] = []) {
        self.code = code
        self.status = status
        self.text = text
        self.moreLines = moreLines
    }

    /// The reply as one line of text, for logs and tests.
    package var summary: String { status.map { "\(code) \($0) \(text)" } ?? "\(code) \(text)" }
}

/// The replies that need no particulars.
extension Reply {
    package static let ok = Reply(.ok, .ok, "OK")
    package static let startMail = Reply(.startMail, nil, "Start mail input; end with <CRLF>.<CRLF>")
    package static let closing = Reply(.closing, .ok, "Bye")
    package static let readyForTLS = Reply(.ready, .ok, "Ready to start TLS")
    package static let helloFirst = Reply(.badSequence, .badSequence, "Say EHLO first")
    package static let mailFirst = Reply(.badSequence, .badSequence, "MAIL first")
    package static let transactionOpen = Reply(.badSequence, .badSequence, "A transaction is open already")
    package static let badSequence = Reply(.badSequence, .badSequence, "Bad sequence of commands")
    package static let noValidRecipients = Reply(.transactionFailed, .badSequence, "No valid recipients")
    package static let useChunks = Reply(.badSequence, .badSequence, "BINARYMIME needs BDAT")
    package static let noMixing = Reply(.badSequence, .badSequence, "DATA cannot follow BDAT")
    package static let resetNeeded = Reply(.badSequence, .badSequence, "This transaction failed; send RSET")
    package static let notImplemented = Reply(.notImplemented, .badSequence, "Command not implemented")
    package static let startTLSFirst = Reply(
        .authenticationRequired, .securityPolicy(.permanent), "Must issue a STARTTLS command first")
    package static let authenticationRequired = Reply(
        .authenticationRequired, .securityPolicy(.permanent), "Authentication required")
    package static let encryptionRequiredForPassword = Reply(
        .encryptionRequired, .encryptionRequired, "Encryption required for this mechanism")
    // RFC 4954 §4: 501 for a client that cancels.
    package static let authenticationCancelled = Reply(
        .argumentError, .securityPolicy(.permanent), "Authentication cancelled")
    package static let alreadyAuthenticated = Reply(.badSequence, .badSequence, "Already authenticated")
    package static let alreadyEncrypted = Reply(.badSequence, .badSequence, "TLS is active already")
    package static let tooManyErrors = Reply(.shuttingDown, .securityPolicy(.transient), "Too many errors; closing")
    package static let tooManyAuthenticationFailures = Reply(
        .shuttingDown, .securityPolicy(.transient), "Too many failed authentications; closing")
    package static let timeout = Reply(.shuttingDown, .timeout, "Time-out; closing")
    package static let endlessMessage = Reply(
        .exceededStorage, .messageTooLarge, "Message exceeds the size limit by far; closing")
    package static let tooManyMessages = Reply(
        .shuttingDown, .securityPolicy(.transient), "Enough messages for one session; connect again")
    package static let tooSlow = Reply(.shuttingDown, .timeout, "You send too slowly; closing")
    package static let displaced = Reply(
        .shuttingDown, EnhancedStatus(.transient, 3, 2), "Too many connections; try again later")
    package static let shuttingDown = Reply(
        .shuttingDown, .systemShuttingDown, "Service shutting down; try again later")
    package static let messageTooLarge = Reply(.exceededStorage, .messageTooLarge, "Message exceeds the size limit")
    package static let bareLineEnd = Reply(
        .mailboxUnavailable, .invalidCharacters, "Message holds a bare CR or LF; lines must end in CRLF")
    package static let tooManyRecipients = Reply(.insufficientStorage, .tooManyRecipients, "Too many recipients")
    package static let localError = Reply(.localError, .systemTrouble, "Local trouble; try again later")
}
