/// PLAIN's only message: `[authzid] NUL authcid NUL passwd` (RFC 4616 §2).
enum PlainMessage {
    static func step(_ message: [UInt8]) -> SASLStep {
        let fields = message.split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false)
        guard fields.count == 3 else { return .failure(.malformed) }
        guard let authorization = SASLPrep.text(fields[0]), let name = SASLPrep.text(fields[1]),
            let password = SASLPrep.text(fields[2]), !name.isEmpty, !password.isEmpty
        else { return .failure(.invalidCredentialText) }
        let identity = SASLIdentity(
            authenticationID: name, authorizationID: authorization.isEmpty ? nil : authorization)
        return .verifyPassword(SASLPassword(identity: identity, password: password))
    }
}
