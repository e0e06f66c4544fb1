/// Why a login did not succeed. Endpoints turn each case into their protocol's own reply.
///
/// Everything but `invalidCredentials` and `rateLimited` is told only to somebody who knows the password.
package enum LoginFailure: Error, Hashable, Sendable {
    /// No such user, wrong password, or a right one for somebody else's authorization identity.
    case invalidCredentials
    /// The account is switched off.
    case disabled
    /// This account, or this password, does not open this protocol.
    case protocolNotAllowed
    /// The account may not log in from this address.
    case networkNotAllowed
    /// The password was right but its time is over.
    case expired
    /// Too many failures; nothing was checked.
    case rateLimited(retryAfterSeconds: Int)
    /// The directory or the password hashing cannot answer now.
    case temporarilyUnavailable
    /// The client's message broke the mechanism's syntax: a syntax error, not a wrong password.
    case malformed

    /// A word for metrics and logs.
    package var label: String {
        switch self {
        case .invalidCredentials: "invalid"
        case .disabled: "disabled"
        case .protocolNotAllowed: "protocol"
        case .networkNotAllowed: "network"
        case .expired: "expired"
        case .rateLimited: "rate"
        case .temporarilyUnavailable: "unavailable"
        case .malformed: "malformed"
        }
    }

    /// RFC 4954 §6 and RFC 3463: the SMTP reply for this failure.
    package var smtpReply: (code: Int, enhanced: String, text: String) {
        switch self {
        case .invalidCredentials: (535, "5.7.8", "Authentication credentials invalid")
        case .disabled: (525, "5.7.13", "Account disabled")
        case .protocolNotAllowed: (535, "5.7.8", "This account may not use this service")
        case .networkNotAllowed: (535, "5.7.8", "Login from this network is not allowed")
        case .expired: (535, "5.7.8", "This password has expired")
        case .rateLimited: (454, "4.7.0", "Too many failed logins; try again later")
        case .temporarilyUnavailable: (454, "4.7.0", "Temporary authentication failure")
        case .malformed: (501, "5.5.2", "Authentication exchange malformed")
        }
    }

    /// RFC 5530 §3: the response code of IMAP's NO, where there is one.
    package var imapResponseCode: String? {
        switch self {
        case .invalidCredentials: "AUTHENTICATIONFAILED"
        case .disabled, .protocolNotAllowed, .networkNotAllowed: "AUTHORIZATIONFAILED"
        case .expired: "EXPIRED"
        case .rateLimited, .temporarilyUnavailable: "UNAVAILABLE"
        case .malformed: nil
        }
    }

    /// RFC 3206 §4 and §5: the response code of POP3's -ERR.
    package var pop3ResponseCode: String? {
        switch self {
        case .rateLimited, .temporarilyUnavailable: "SYS/TEMP"
        case .malformed: nil
        default: "AUTH"
        }
    }
}
