import SASLMechanisms
import Testing

@Suite struct SCRAMVerifierTests {
    @Test func textRoundTrip() throws {
        let text = SCRAMTests.pencil.text
        #expect(text.hasPrefix("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"))
        #expect(SCRAMVerifier(text: text) == SCRAMTests.pencil)
        let parts = text.split(whereSeparator: { $0 == "$" || $0 == ":" }).dropFirst()
        #expect(SCRAMVerifier(text: "{SCRAM-SHA-256}" + parts.joined(separator: ",")) == SCRAMTests.pencil)
    }

    @Test(arguments: [
        "", "SCRAM-SHA-256$", "SCRAM-SHA-256$4096:c2FsdA==$AAAA:AAAA", "SCRAM-SHA-1$4096:c2FsdA==$AAAA:AAAA",
        "{SCRAM-SHA-256}4096,c2FsdA==", "{PLAIN}secret",
    ])
    func badText(text: String) {
        #expect(SCRAMVerifier(text: text) == nil)
    }

    @Test func limits() {
        let key = [UInt8](repeating: 1, count: 32)
        #expect(SCRAMVerifier(salt: [], iterations: 4096, storedKey: key, serverKey: key) == nil)
        #expect(SCRAMVerifier(salt: [1], iterations: 0, storedKey: key, serverKey: key) == nil)
        #expect(SCRAMVerifier(salt: [1], iterations: .max, storedKey: key, serverKey: key) == nil)
        #expect(SCRAMVerifier(salt: [1], iterations: 1, storedKey: [1], serverKey: key) == nil)
        #expect(SCRAMVerifier.make(password: "", salt: [1]) == nil)
        #expect(SCRAMVerifier.make(password: "bell\u{7}", salt: [1]) == nil)
        #expect(SCRAMVerifier.make(password: "x", salt: []) == nil)
    }

    @Test func matchesPassword() {
        #expect(SCRAMTests.pencil.matches(password: "pencil"))
        #expect(SCRAMTests.pencil.matches(password: "pen\u{AD}cil"))
        #expect(!SCRAMTests.pencil.matches(password: "pencil "))
        #expect(!SCRAMTests.pencil.matches(password: ""))
    }

    @Test func fakesAreStableAndFitNoPassword() {
        let secret: [UInt8] = [1, 2, 3]
        let fake = SCRAMVerifier.fake(user: "nobody@example.test", serverSecret: secret)
        #expect(fake == SCRAMVerifier.fake(user: "nobody@example.test", serverSecret: secret))
        #expect(fake.salt != SCRAMVerifier.fake(user: "nobody2@example.test", serverSecret: secret).salt)
        #expect(fake.salt != SCRAMVerifier.fake(user: "nobody@example.test", serverSecret: [4]).salt)
        #expect(fake.salt.count == SCRAMVerifier.saltLength)
        #expect(fake.iterations == SCRAMVerifier.defaultIterations)
        var client = Client(name: "nobody", password: "pencil")
        #expect(client.run(.scramSHA256, bindings: [], verifier: fake) == .failure(.invalidProof))
    }
}
