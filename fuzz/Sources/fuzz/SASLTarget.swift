import SASLMechanisms

/// A whole exchange: the first byte chooses mechanism and initial response, each further line is an answer.
enum SASLTarget {
    private static let verifier = SCRAMVerifier.make(
        password: "pencil", salt: Array("0123456789abcdef".utf8), iterations: 1)
    private static let bindings = [SASLChannelBinding(name: "tls-exporter", bytes: [1, 2, 3])]

    static func run(_ bytes: [UInt8]) {
        guard let choice = bytes.first.map(Int.init) else { return }
        let mechanism = SASLMechanism.allCases[choice % SASLMechanism.allCases.count]
        var lines = bytes.dropFirst().split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)[...]
        let bound = choice & 0x08 == 0 || mechanism == .scramSHA256Plus
        var exchange = SASLServerExchange(mechanism, channelBindings: bound ? bindings : [], nonce: "fuzz")
        var step = exchange.start(initialResponse: choice & 0x10 == 0 ? lines.popFirst() : nil)
        while true {
            switch step {
            case .challenge:
                guard let line = lines.popFirst() else { return }
                step = exchange.respond(line)
            case .needVerifier(let identity):
                expect(!identity.authenticationID.isEmpty, "a verifier of nobody is wanted")
                guard let verifier else { return }
                step = exchange.provide(verifier)
            case .verifyPassword(let password):
                expect(mechanism.revealsPassword, "SCRAM hands over a password")
                expect(!password.identity.authenticationID.isEmpty && !password.password.isEmpty, "an empty password")
                return ended(&exchange)
            case .success:
                expect(!mechanism.revealsPassword, "success without a look at the password")
                return ended(&exchange)
            case .failure:
                return ended(&exchange)
            }
        }
    }

    /// Whatever is said after the end is a failure.
    private static func ended(_ exchange: inout SASLServerExchange) {
        guard case .failure = exchange.respond([]) else { fail("an exchange goes on after its end") }
        guard case .failure = exchange.start(initialResponse: []) else { fail("an exchange begins twice") }
    }
}
