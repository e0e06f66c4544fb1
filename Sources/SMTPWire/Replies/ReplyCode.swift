/// A three-digit reply code (RFC 5321 §4.2).
package struct ReplyCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }
    package init(_ rawValue: UInt16) { self.rawValue = rawValue }
    package var description: String { String(rawValue) }

    package static let help = Self(214)
    package static let ready = Self(220)
    package static let closing = Self(221)
    package static let authenticated = Self(235)
    package static let ok = Self(250)
    package static let cannotVerify = Self(252)
    package static let challenge = Self(334)
    package static let startMail = Self(354)
    package static let shuttingDown = Self(421)
    package static let localError = Self(451)
    package static let insufficientStorage = Self(452)
    package static let syntaxError = Self(500)
    package static let argumentError = Self(501)
    package static let notImplemented = Self(502)
    package static let badSequence = Self(503)
    package static let parameterNotImplemented = Self(504)
    package static let authenticationRequired = Self(530)
    package static let encryptionRequired = Self(538)
    package static let mailboxUnavailable = Self(550)
    package static let exceededStorage = Self(552)
    package static let mailboxNameNotAllowed = Self(553)
    package static let transactionFailed = Self(554)
    package static let parametersNotRecognised = Self(555)

    /// 2yz or 3yz.
    package var isPositive: Bool { rawValue < 400 }
    /// 4yz: the client may try again.
    package var isTransient: Bool { (400..<500).contains(rawValue) }
}
