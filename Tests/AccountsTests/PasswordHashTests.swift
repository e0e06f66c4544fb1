import Accounts
import MailModel
import MailStore
import SASLMechanisms
import Testing

@Suite struct PasswordHashTests {
    @Test func argon2RoundTrip() throws {
        let text = try #require(Argon2Hash.make("secret", salt: Array(0..<16), cost: Argon2Hash.Cost()))
        #expect(text.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(Argon2Hash.matches("secret", text))
        #expect(!Argon2Hash.matches("Secret", text))
        #expect(!Argon2Hash.matches("", text))
    }

    @Test(arguments: [
        "", "$argon2id$", "$argon2i$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODw",
        "$argon2id$v=16$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODw",
        "$argon2id$v=19$m=4294967295,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODw",
        "$argon2id$v=19$m=19456,t=100000,p=1$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODw",
        "$argon2id$v=19$m=8,t=1,p=2$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODw",
        "$argon2id$v=19$m=19456,t=2$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODw",
    ])
    func refusesDangerousHashes(_ text: String) {
        #expect(!Argon2Hash.isAcceptable(text))
        #expect(!Argon2Hash.matches("secret", text))
    }

    /// Made with the C library's crypt(3) and with the reference implementations.
    @Test(arguments: [
        "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/",
        "$2y$05$abcdefghijklmnopqrstuuWG29KuyeAicPCJODk1zjyGvyQUU2awu",
        "{SHA512-CRYPT}$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/",
    ])
    func importedHashesOpen(_ hash: String) async throws {
        let fixture = try await Fixture()
        _ = try await fixture.administration.addAccount(
            AccountSpecification(address: "carol@example.org", secret: .hash(hash)), actor: .commandLine)
        #expect(await fixture.login("carol@example.org", "password").failure == nil)
        #expect(await fixture.login("carol@example.org", "passwort").failure == .invalidCredentials)
    }

    @Test func scramVerifierAloneOpensForPlain() async throws {
        let fixture = try await Fixture()
        let verifier = try #require(SCRAMVerifier.make(password: Fixture.password, salt: Array(0..<16), iterations: 10))
        _ = try await fixture.administration.addAccount(
            AccountSpecification(address: "carol@example.org", secret: .hash(verifier.text)), actor: .commandLine)
        #expect(await fixture.login("carol@example.org").failure == nil)
        #expect(await fixture.login("carol@example.org", "wrong").failure == .invalidCredentials)
    }

    @Test func overloadedPoolSaysLater() async throws {
        let pool = HashingPool(threads: 1, limit: 0)
        await #expect(throws: HashingPool.Overloaded.self) { try await pool.run { 1 } }
        let working = HashingPool(threads: 2, limit: 100)
        let sum = await withTaskGroup(of: Int.self) { group in
            for number in 0..<50 { group.addTask { (try? await working.run { number }) ?? 0 } }
            return await group.reduce(0, +)
        }
        #expect(sum == 1225)
    }
}
