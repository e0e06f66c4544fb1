import Crypto
import SASLMechanisms
import Testing

/// RFC 7677 §3: user "user", password "pencil".
@Suite struct SCRAMTests {
    static let clientNonce = "rOprNGfwEbeRWgbNEkqO"
    static let serverNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    static let salt: [UInt8] = [
        0x5B, 0x6D, 0x99, 0x68, 0x9D, 0x12, 0x35, 0x8E, 0xEC, 0xA0, 0x4B, 0x14, 0x12, 0x36, 0xFA, 0x81,
    ]
    static let pencil = SCRAMVerifier.make(password: "pencil", salt: salt, iterations: 4096)!
    static let exporter = SASLChannelBinding(name: "tls-exporter", bytes: Array(repeating: 7, count: 32))

    @Test func theExampleOfTheRFC() {
        var exchange = SASLServerExchange(.scramSHA256, channelBindings: [], nonce: Self.serverNonce)
        #expect(exchange.start(initialResponse: nil) == .challenge([]))
        #expect(
            exchange.respond(bytes("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"))
                == .needVerifier(SASLIdentity(authenticationID: "user")))
        #expect(
            exchange.provide(Self.pencil)
                == challenge(
                    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"))
        #expect(
            exchange.respond(
                bytes(
                    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                        + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="))
                == challenge("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="))
        #expect(exchange.respond([]) == .success(SASLIdentity(authenticationID: "user")))
        #expect(exchange.respond([]) == .failure(.outOfOrder))
    }

    @Test func aProofIsAcceptedOnceOnly() {
        var exchange = SASLServerExchange(.scramSHA256, channelBindings: [], nonce: Self.serverNonce)
        _ = exchange.start(initialResponse: bytes("n,,n=user,r=abc"))
        _ = exchange.provide(Self.pencil)
        let wrong = bytes("c=biws,r=abc\(Self.serverNonce),p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
        #expect(exchange.respond(wrong) == .failure(.invalidProof))
        #expect(exchange.respond(wrong) == .failure(.outOfOrder))
        #expect(exchange.provide(Self.pencil) == .failure(.outOfOrder))
    }

    @Test(arguments: [
        ("user", "pencil", true), ("user", "Pencil", false), ("a=2Cb=3Dc", "pencil", true),
    ])
    func aClientLogsIn(name: String, password: String, succeeds: Bool) {
        var client = Client(name: name, password: password)
        let outcome = client.run(.scramSHA256, bindings: [], verifier: Self.pencil)
        let user = name == "a=2Cb=3Dc" ? "a,b=c" : name
        #expect(outcome == (succeeds ? .success(SASLIdentity(authenticationID: user)) : .failure(.invalidProof)))
    }

    @Test func actingForAnother() {
        var client = Client(name: "admin", password: "pencil")
        client.header = "n,a=someone@example.test,"
        #expect(
            client.run(.scramSHA256, bindings: [], verifier: Self.pencil)
                == .success(SASLIdentity(authenticationID: "admin", authorizationID: "someone@example.test")))
    }

    @Test func channelBindingOfTheSameChannel() {
        var client = Client(name: "user", password: "pencil")
        client.header = "p=tls-exporter,,"
        client.bindingData = Self.exporter.bytes
        let other = SASLChannelBinding(name: "tls-server-end-point", bytes: [1])
        #expect(
            client.run(.scramSHA256Plus, bindings: [other, Self.exporter], verifier: Self.pencil)
                == .success(SASLIdentity(authenticationID: "user")))
    }

    @Test func channelBindingOfAnotherChannel() {
        var client = Client(name: "user", password: "pencil")
        client.header = "p=tls-exporter,,"
        client.bindingData = Array(repeating: 8, count: 32)
        #expect(
            client.run(.scramSHA256Plus, bindings: [Self.exporter], verifier: Self.pencil)
                == .failure(.channelBindingMismatch))
    }

    /// RFC 5802 §6.
    @Test(arguments: [
        ("y,,", SASLMechanism.scramSHA256, true, SASLFailure.downgrade),
        ("p=tls-unique,,", .scramSHA256Plus, true, .channelBindingNotSupported),
        ("p=tls-exporter,,", .scramSHA256Plus, false, .channelBindingNotSupported),
        ("p=tls-exporter,,", .scramSHA256, true, .channelBindingNotSupported),
        ("n,,", .scramSHA256Plus, true, .channelBindingNotSupported),
        ("y,,", .scramSHA256Plus, true, .channelBindingNotSupported),
    ])
    func bindingFlags(header: String, mechanism: SASLMechanism, bound: Bool, failure: SASLFailure) {
        var exchange = SASLServerExchange(
            mechanism, channelBindings: bound ? [Self.exporter] : [], nonce: Self.serverNonce)
        #expect(exchange.start(initialResponse: bytes(header + "n=user,r=abc")) == .failure(failure))
    }

    @Test func aClientThatCannotBindOnAServerThatCan() {
        var client = Client(name: "user", password: "pencil")
        #expect(
            client.run(.scramSHA256, bindings: [Self.exporter], verifier: Self.pencil)
                == .success(SASLIdentity(authenticationID: "user")))
    }

    @Test(arguments: [
        ("", SASLFailure.malformed),
        ("n", .malformed),
        ("n,,", .malformed),
        ("n,,n=user", .malformed),
        ("x,,n=user,r=a", .malformed),
        ("p=,,n=user,r=a", .malformed),
        ("n,b=user,n=user,r=a", .malformed),
        ("n,,n=user,r=", .malformed),
        ("n,,n=user,r=a b", .malformed),
        ("n,,r=a,n=user", .malformed),
        ("n,,n=user,r=a,x", .malformed),
        ("n,,m=x,n=user,r=a", .extensionNotSupported),
        ("n,,n=,r=a", .invalidCredentialText),
        ("n,,n=us=er,r=a", .invalidCredentialText),
        ("n,,n=us=2,r=a", .invalidCredentialText),
        ("n,a==,n=user,r=a", .invalidCredentialText),
        ("n,,n=\u{7},r=a", .invalidCredentialText),
    ])
    func badFirstMessages(message: String, failure: SASLFailure) {
        var exchange = SASLServerExchange(.scramSHA256, channelBindings: [], nonce: Self.serverNonce)
        #expect(exchange.start(initialResponse: bytes(message)) == .failure(failure))
    }

    @Test(arguments: [
        "", "c=biws", "c=biws,r=abcX", "c=biws,r=abcX,p=", "c=biws,r=abcX,p=!!!!", "c=biws,r=other,p=AAAA",
        "c=eSws,r=abcX,p=AAAA", "c=****,r=abcX,p=AAAA", "r=abcX,c=biws,p=AAAA", "c=biws,r=abcX,x,p=AAAA",
        "c=biws,r=abcX,p=AAAA,x=y",
    ])
    func badFinalMessages(message: String) {
        var exchange = SASLServerExchange(.scramSHA256, channelBindings: [], nonce: "X")
        _ = exchange.start(initialResponse: bytes("n,,n=user,r=abc"))
        _ = exchange.provide(Self.pencil)
        guard case .failure(let failure) = exchange.respond(bytes(message)) else {
            Issue.record("accepted: \(message)")
            return
        }
        #expect(failure == (message.hasSuffix("p=") ? .invalidProof : .malformed))
    }

    @Test func extensionsAreIgnored() {
        var client = Client(name: "user", password: "pencil")
        client.firstExtensions = ",x=1,y=2"
        client.finalExtensions = ",z=3"
        #expect(
            client.run(.scramSHA256, bindings: [], verifier: Self.pencil)
                == .success(SASLIdentity(authenticationID: "user")))
    }

    @Test func longResponsesAreRefused() {
        var exchange = SASLServerExchange(.scramSHA256, channelBindings: [], nonce: "X")
        #expect(
            exchange.start(initialResponse: Array(repeating: 0x61, count: SASLServerExchange.responseLimit + 1))
                == .failure(.tooLong))
    }

    @Test func randomBytesNeverTrap() {
        var generator = SystemRandomNumberGenerator()
        let letters = bytes("nyp,,=armnc2CD3=AAAA\u{0}é\u{7F}")
        for mechanism in SASLMechanism.allCases {
            for _ in 0..<500 {
                var exchange = SASLServerExchange(mechanism, channelBindings: [], nonce: "X")
                var step = exchange.start(initialResponse: nil)
                for _ in 0..<4 {
                    if case .needVerifier = step {
                        step = exchange.provide(Self.pencil)
                    } else {
                        let length = Int.random(in: 0..<40, using: &generator)
                        step = exchange.respond((0..<length).map { _ in letters.randomElement(using: &generator)! })
                    }
                    if case .success = step { Issue.record("random bytes logged in") }
                }
            }
        }
    }
}
