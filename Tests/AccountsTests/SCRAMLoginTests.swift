import Accounts
import Bytes
import Crypto
import MailModel
import MailStore
import SASLMechanisms
import Testing

@Suite struct SCRAMLoginTests {
    @Test func proofOpens() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org")
        let outcome = try await run("alice@example.org", Fixture.password, fixture)
        #expect(outcome.address == "alice@example.org")
        #expect(try await run("alice@example.org", "wrong password", fixture).failure == .invalidCredentials)
        #expect(try await run("nobody@example.org", "wrong password", fixture).failure == .invalidCredentials)
    }

    @Test func unknownUsersHaveAStableSalt() async throws {
        let fixture = try await Fixture()
        func verifier(_ user: String) async throws -> SCRAMVerifier {
            try await fixture.authenticator.beginSCRAM(SASLIdentity(authenticationID: user), fixture.context()).verifier
        }
        try await fixture.add("alice@example.org")
        #expect(try await verifier("ghost@example.org").iterations == verifier("alice@example.org").iterations)
        #expect(try await verifier("ghost@example.org") == verifier("GHOST@example.org"))
        #expect(try await verifier("ghost@example.org").salt != verifier("other@example.org").salt)
        // The secret behind it outlives the process.
        let again = Authenticator(directory: fixture.directory, sessions: fixture.sessions, hasher: fixture.hasher)
        let attempt = try await again.beginSCRAM(SASLIdentity(authenticationID: "ghost@example.org"), fixture.context())
        #expect(try await attempt.verifier == verifier("ghost@example.org"))
    }

    @Test func wrongProofsAreCounted() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org")
        for _ in 0..<20 { _ = try await run("alice@example.org", "wrong password", fixture) }
        #expect(
            try await run("alice@example.org", Fixture.password, fixture).failure == .rateLimited(retryAfterSeconds: 30)
        )
    }

    @Test func disabledAccountIsRefusedAfterTheProof() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org")
        _ = try await fixture.administration.setEnabled(false, account: "alice@example.org", actor: .commandLine)
        #expect(try await run("alice@example.org", Fixture.password, fixture).failure == .disabled)
    }

    @Test func passwordChangedDuringTheExchange() async throws {
        let fixture = try await Fixture()
        try await fixture.add("alice@example.org")
        let outcome = try await run("alice@example.org", Fixture.password, fixture) {
            try await fixture.administration.setPassword(
                "something else", account: "alice@example.org", actor: .commandLine)
        }
        #expect(outcome.failure == .invalidCredentials)
    }

    @Test func importedHashGainsAVerifier() async throws {
        let fixture = try await Fixture()
        let made = try #require(try await fixture.hasher.credentials(for: Fixture.password, label: "password"))
        let argon2 = try #require(made.first { $0.kind == .argon2id })
        _ = try await fixture.administration.addAccount(
            AccountSpecification(address: "carol@example.org", secret: .hash(argon2.verifier)), actor: .commandLine)
        #expect(try await run("carol@example.org", Fixture.password, fixture).failure == .invalidCredentials)
        #expect(await fixture.login("carol@example.org").failure == nil)
        #expect(try await run("carol@example.org", Fixture.password, fixture).address == "carol@example.org")
        #expect(await fixture.login("carol@example.org").failure == nil)
        let account = try await fixture.administration.account("carol@example.org")
        #expect(try await fixture.directory.credentials(of: account.id).count == 2)
    }

    @Test func brokenMessages() async throws {
        let fixture = try await Fixture()
        for message in ["", "n,,", "x", "n,,n=a", "p=tls-unique,,n=a,r=b"] {
            var login = SASLLogin(
                .scramSHA256, authenticator: fixture.authenticator, context: fixture.context(), channelBindings: [])
            guard case .failure = await login.start(initialResponse: Array(message.utf8)) else {
                Issue.record("accepted \(message)")
                continue
            }
        }
    }

    /// A client of RFC 5802 §3, driven against `SASLLogin`.
    private func run(
        _ user: String, _ password: String, _ fixture: Fixture, before final: () async throws -> Void = {}
    ) async throws -> Result<AuthenticatedAccount, LoginFailure> {
        var login = SASLLogin(
            .scramSHA256, authenticator: fixture.authenticator, context: fixture.context(), channelBindings: [])
        let bare = "n=\(user),r=clientnonce"
        let first = await login.start(initialResponse: Array("n,,\(bare)".utf8))
        guard case .challenge(let challenge) = first else { return Self.result(of: first) }
        let server = String(decoding: challenge, as: UTF8.self)
        let fields = server.split(separator: ",").map { String($0.dropFirst(2)) }
        let salt = try #require(Base64.decode(fields[1].utf8))
        let iterations = try #require(Int(fields[2]))
        let unsigned = "c=biws,r=\(fields[0])"
        let message = Array("\(bare),\(server),\(unsigned)".utf8)
        let salted = Self.salted(password, salt, iterations)
        let clientKey = Self.hmac(salted, Array("Client Key".utf8))
        let signature = Self.hmac(Array(SHA256.hash(data: clientKey)), message)
        let proof = zip(clientKey, signature).map { $0 ^ $1 }
        try await final()
        let second = await login.respond(Array("\(unsigned),p=\(Base64.string(proof))".utf8))
        guard case .challenge = second else { return Self.result(of: second) }
        return Self.result(of: await login.respond([]))
    }

    private static func result(of step: SASLLogin.Step) -> Result<AuthenticatedAccount, LoginFailure> {
        switch step {
        case .success(let account): .success(account)
        case .failure(let failure): .failure(failure)
        case .challenge: .failure(.malformed)
        }
    }

    private static func hmac(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
    }

    private static func salted(_ password: String, _ salt: [UInt8], _ iterations: Int) -> [UInt8] {
        var block = hmac(Array(password.utf8), salt + [0, 0, 0, 1])
        var result = block
        for _ in 1..<max(iterations, 1) {
            block = hmac(Array(password.utf8), block)
            for index in result.indices { result[index] ^= block[index] }
        }
        return result
    }
}
