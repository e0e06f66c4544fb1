import Foundation
import MailModel
import MailStore
import SQLiteEngine
import Testing

@Suite struct SalvageEpochTests {
    @Test func everyFolderGetsALargerValidityEachTime() async throws {
        let store = try await StoreFixture.make(.sqlite)
        let before = try await store.account().folders()
        await store.shard.close()
        var last = Int64(try #require(before.map(\.uidValidity).max()))
        var known = AccountEpoch.read(directory: store.directory)
        #expect(known == AccountEpoch())
        for number in 2...4 {
            let database = SQLiteDatabase(path: store.directory + "/store.sqlite", waitsForDisk: false)
            let connection = try database.openWriter()
            // An index that remembers nothing: the file has to.
            try connection.execute("UPDATE account SET next_validity = 1, epoch = 1")
            known = try connection.access { () throws(StoreError) in
                try AccountEpoch.raise(on: connection, beyond: known, now: store.clock.now)
            }
            connection.close()
            try known.write(directory: store.directory)
            #expect(AccountEpoch.read(directory: store.directory) == known)
            #expect(known.number == number)
            let shard = try await SQLiteShard.open(
                directory: store.directory, options: StoreFixture.options(store.clock))
            for account in [store.alice, store.bob] {
                let handle = try await shard.account(account.id)
                let validities = try await handle.folders().map { Int64($0.uidValidity) }
                #expect(Set(validities).count == validities.count)
                #expect(try #require(validities.min()) > last)
                #expect(try #require(validities.max()) < known.validity)
                let made = try await handle.createFolder(named: "New", in: SystemFolder.top, kind: .mail, role: nil)
                #expect(Int64(made.uidValidity) > (validities.max() ?? 0))
                try await handle.deleteFolder(made.id)
                #expect(try await shard.directory.account(account.id)?.epoch == Int64(number))
                // What was said before the epoch is not continued.
                #expect(try await handle.changes(since: ChangeNumber(0), limit: 10) == nil)
            }
            await shard.close()
            last = known.validity
        }
        try FileManager.default.removeItem(atPath: store.directory)
    }
}
