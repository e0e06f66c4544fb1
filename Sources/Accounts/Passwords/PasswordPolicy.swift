package import MailModel

/// What a new password must be. Length and not being guessed first count; rules about digits and signs do not help
/// (NIST SP 800-63B).
package struct PasswordPolicy: Hashable, Sendable {
    /// In characters.
    package var minimumLength: Int
    /// In bytes: hashing anything longer gives nothing.
    package var maximumLength: Int
    package init(minimumLength: Int = 8, maximumLength: Int = 1024) {
        self.minimumLength = minimumLength
        self.maximumLength = maximumLength
    }

    package struct Objection: Hashable, Sendable {
        package let message: String
        package let remedy: String
    }

    /// What is wrong with `password` for the account `address`; nil if it will do.
    package func objection(to password: String, of address: EmailAddress) -> Objection? {
        if password.count < minimumLength {
            return Objection(
                message: "the password is shorter than \(minimumLength) characters", remedy: "use a longer one")
        }
        if password.utf8.count > maximumLength {
            return Objection(
                message: "the password is longer than \(maximumLength) bytes", remedy: "use a shorter one")
        }
        let folded = password.lowercased()
        let name = address.localPart.lowercased()
        let ownNames = [name, address.key, address.domain.unicode, address.domain.ascii]
        let core = Self.core(of: folded)
        if ownNames.contains(folded) || core == name || CommonPasswords.contains(folded)
            || CommonPasswords.contains(core)
        {
            return Objection(
                message: "the password is among the first that anybody would guess", remedy: "use several random words")
        }
        if Set(folded).count < 4 {
            return Objection(message: "the password repeats too few characters", remedy: "use several random words")
        }
        return nil
    }

    /// Without the digits and signs that people add at the end.
    private static func core(of folded: String) -> String {
        var core = Substring(folded)
        while let last = core.last, !last.isLetter { core.removeLast() }
        return String(core)
    }
}
