import Accounts
import MailModel
import MailStore
import Testing

@Suite struct ImportTests {
    private func run(_ lines: [String], _ fixture: Fixture) async throws -> [AccountImportResult] {
        var results: [AccountImportResult] = []
        let stream = AsyncStream<String> { continuation in
            for line in lines { continuation.yield(line) }
            continuation.finish()
        }
        try await fixture.administration.importAccounts(stream, actor: .commandLine) { results.append($0) }
        return results
    }

    @Test func resultsComeInOrderAndBadLinesStopNothing() async throws {
        let fixture = try await Fixture()
        let lines = [
            #"{"address":"a@example.org","password":"correct battery","name":"A","quota":1000,"aliases":["aa@example.org"]}"#,
            "", "not json", #"{"address":"b@elsewhere.example"}"#, #"{"password":"x"}"#,
            #"{"address":"c@example.org","password":"x","passwordHash":"y"}"#,
            #"{"address":"c@example.org","password":"x"}"#,
            #"{"address":"d@example.org","passwordHash":"$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/"}"#,
            #"{"address":"A@example.org","password":"another one!"}"#, #"{"address":"e@example.org","quota":"many"}"#,
        ]
        let results = try await run(lines, fixture)
        #expect(results.map(\.line) == [1, 3, 4, 5, 6, 7, 8, 9, 10])
        #expect(
            results.map(\.result) == [.added, .failed, .failed, .failed, .failed, .failed, .added, .unchanged, .failed])
        #expect(
            results.map { $0.error ?? "" } == [
                "", "invalidValue", "noSuchDomain", "invalidValue", "invalidValue", "invalidPassword", "", "",
                "invalidValue",
            ])
        #expect(await fixture.login("a@example.org", "correct battery").failure == nil)
        #expect(await fixture.login("d@example.org", "password").failure == nil)

        let again = try await run(lines, fixture)
        #expect(again.map(\.result).filter { $0 == .added }.isEmpty)
        #expect(await fixture.login("a@example.org", "correct battery").failure == nil)
    }

    @Test func manyLines() async throws {
        let fixture = try await Fixture()
        let hash = "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODw"
        let results = try await run(
            (0..<2000).map { #"{"address":"u\#($0)@example.org","passwordHash":"\#(hash)"}"# }, fixture)
        #expect(results.map(\.line) == Array(1...2000))
        #expect(results.allSatisfy { $0.result == .added })
    }
}
