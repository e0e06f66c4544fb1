/// An enhanced status code, `class.subject.detail` (RFC 3463 §2). Others may register more, so this is a struct.
package struct EnhancedStatus: Hashable, Sendable, CustomStringConvertible {
    /// Whether, and for how long, it failed.
    package enum Class: UInt8, Hashable, Sendable {
        case success = 2
        case transient = 4
        case permanent = 5
    }

    package let `class`: Class
    package let subject: UInt16
    package let detail: UInt16

    package init(_ class: Class, _ subject: UInt16, _ detail: UInt16) {
        self.class = `class`
        self.subject = subject
        self.detail = detail
    }

    /// Reads `5.1.1`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt16($0) }
        guard parts.count == 3, let first = parts[0], let subject = parts[1], let detail = parts[2],
            let value = UInt8(exactly: first), let `class` = Class(rawValue: value)
        else { return nil }
        self.init(`class`, subject, detail)
    }

    package var description: String { "\(`class`.rawValue).\(subject).\(detail)" }

    // X.0: other.
    package static let ok = Self(.success, 0, 0)
    // X.1: addressing.
    package static let senderOK = Self(.success, 1, 0)
    package static let recipientOK = Self(.success, 1, 5)
    package static let unknownMailbox = Self(.permanent, 1, 1)
    package static let badRecipientSyntax = Self(.permanent, 1, 3)
    package static let badSenderSyntax = Self(.permanent, 1, 7)
    // X.3: mail system.
    package static let systemShuttingDown = Self(.transient, 3, 2)
    package static let messageTooLarge = Self(.permanent, 3, 4)
    /// Trouble of our own.
    package static let systemTrouble = Self(.transient, 3, 0)
    // X.4: network and routing.
    package static let timeout = Self(.transient, 4, 2)
    // X.5: protocol.
    package static let protocolOther = Self(.success, 5, 0)
    package static let badSequence = Self(.permanent, 5, 1)
    package static let syntaxError = Self(.permanent, 5, 2)
    package static let tooManyRecipients = Self(.transient, 5, 3)
    package static let invalidArguments = Self(.permanent, 5, 4)
    package static let authenticationLineTooLong = Self(.permanent, 5, 6)
    // X.6: content.
    package static let nonASCIIAddress = Self(.permanent, 6, 7)
    package static let invalidCharacters = Self(.permanent, 6, 11)
    // X.7: security and policy.
    package static func securityPolicy(_ class: Class) -> Self { Self(`class`, 7, 0) }
    package static let authenticationSucceeded = Self(.success, 7, 0)
    package static let encryptionRequired = Self(.permanent, 7, 11)
}
