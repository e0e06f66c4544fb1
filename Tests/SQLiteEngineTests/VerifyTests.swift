import ContentStore
import Foundation
import MailModel
import MailStore
import SQLiteEngine
import Testing

/// Each kind of damage: `verify` finds it and says what is hit, `--repair` mends what is derived, and a second look agrees.
@Suite struct VerifyTests {
    enum Repair: Sendable {
        /// All findings are repaired and a second look finds nothing.
        case whole
        /// Nothing can be repaired: a second look says the same.
        case none
    }

    struct Injury: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let repair: Repair
        /// Words that the findings must contain.
        let words: [String]
        let damage: @Sendable (DamageFixture) throws -> Void
        /// Large messages take their time.
        var concernsObjects: Bool { words.contains { $0.contains("large") } }

        init(
            _ name: String, _ repair: Repair, _ words: [String],
            _ damage: @escaping @Sendable (DamageFixture) throws -> Void
        ) {
            testDescription = name
            self.repair = repair
            self.words = words
            self.damage = damage
        }

        static func sql(_ name: String, _ repair: Repair, _ words: [String], _ sql: String) -> Injury {
            Injury(name, repair, words) { try $0.execute(sql) }
        }
    }

    private static func flip(_ fixture: DamageFixture, _ content: String, _ offset: Int) throws {
        let place = try fixture.record(content)
        let name = place.isObject ? "objects/\(place.contentID)" : "content/0000000\(place.segment).seg"
        try fixture.edit(name) { bytes in
            let position = offset >= 0 ? Int(place.offset) + offset : Int(place.offset + place.length) + offset
            bytes[position] ^= 4
        }
    }

    static let injuries: [Injury] = [
        // Content files.
        Injury("a bit in a segment's header", .whole, ["content/00000001.seg", "no message is affected"]) {
            try $0.edit("content/00000001.seg") { $0[20] ^= 1 }
        },
        Injury(
            "a bit in a record's header", .none,
            ["alice@example.test", "“number 0”", "in INBOX, UID 1", "received 2023-11-14"]
        ) {
            try flip($0, "id = 1", 30)
        },
        Injury("a bit in a payload", .none, ["“number 1”", "in INBOX, UID 2", "in Arbeit/Übersicht 日本, UID 5"]) {
            try flip($0, "id = 2", 140)
        },
        Injury("a bit in the placements", .none, ["“number 1”", "in INBOX, UID 2"]) { try flip($0, "id = 2", -30) },
        Injury("a bit in a trailer", .none, ["“number 1”", "in INBOX, UID 2"]) { try flip($0, "id = 2", -1) },
        Injury("a bit in deleted mail", .none, ["deleted message “number 3”"]) { try flip($0, "id = 4", 140) },
        Injury(
            "a bit in mail for several", .none,
            ["bob@example.test", "alice@example.test", "waits for carol@elsewhere.example"]
        ) {
            try flip($0, "id = 10", 140)
        },
        Injury("a bit in an object's header", .none, ["“large”", "in INBOX"]) { try flip($0, "segment = 0", 50) },
        Injury("a bit in an object's payload", .none, ["“large”"]) { try flip($0, "segment = 0", 200_000) },
        Injury("a bit in an object's trailer", .none, ["“large”"]) { try flip($0, "segment = 0", -2) },
        Injury("a missing object", .none, ["“large”", "is missing"]) { try $0.remove("objects/\($0.object)") },
        Injury("a truncated object", .none, ["“large”"]) {
            try $0.edit("objects/\($0.object)") { $0.removeLast(1000) }
        },
        Injury("an object with a tail", .none, ["“large”", "longer"]) {
            try $0.edit("objects/\($0.object)") { $0.append(0) }
        },
        Injury(
            "a missing segment", .none, ["content/00000001.seg", "the file is missing", "“number 0”", "put it back"]
        ) {
            try $0.remove("content/00000001.seg")
        },
        Injury("a truncated segment", .none, ["alice@example.test", "“number 5”", "ends early"]) {
            try $0.edit("content/00000001.seg") { $0.removeLast(50) }
        },
        Injury("an empty segment", .none, ["“number 0”", "“number 1”"]) {
            try $0.edit("content/00000001.seg") { $0 = [] }
        },
        Injury("a missing content folder", .none, ["content/00000001.seg", "the file is missing"]) {
            try $0.remove("content")
        },
        Injury("a missing objects folder", .none, ["“large”"]) { try $0.remove("objects") },

        // Rows without their counterpart.
        Injury.sql(
            "a message without a content row", .whole, ["“number 1”", "the content itself is sound"],
            "DELETE FROM content WHERE id = 2"),
        Injury.sql(
            "a large message without a content row", .whole, ["“large”", "sound"],
            "DELETE FROM content WHERE segment = 0"),
        Injury.sql(
            "a wrong place", .whole, ["“number 1”", "wrong place"], "UPDATE content SET start = start + 7 WHERE id = 2"),
        Injury.sql(
            "a wrong size", .none, ["“number 1”", "another size"], "UPDATE content SET size = size + 1 WHERE id = 2"),
        Injury("an index that has lost messages", .none, ["salvage --missing", "for alice@example.test"]) {
            try $0.execute(
                "DELETE FROM item WHERE content_id = 2; DELETE FROM content WHERE id = 2; UPDATE folder SET messages = messages"
            )
        },
        Injury.sql(
            "content that nobody refers to", .whole, ["no message refers to it"],
            "DELETE FROM item WHERE content_id = 9"),
        Injury.sql("wrong references", .whole, ["counts 5"], "UPDATE content SET refs = 5 WHERE id = 1"),
        Injury.sql("a segment without a row", .whole, ["content/00000001.seg"], "DELETE FROM segment WHERE number = 1"),
        Injury.sql(
            "wrong counts of a segment", .whole, ["content/00000001.seg"],
            "UPDATE segment SET records = records - 1, bytes = 3 WHERE number = 1"),
        Injury.sql("a broken summary", .whole, ["summary"], "UPDATE content SET summary = x'00' WHERE id = 1"),

        // Counters.
        Injury.sql(
            "messages of a folder", .whole, ["folder INBOX", "counts 77 messages"],
            "UPDATE folder SET messages = 77 WHERE account_id = 1 AND id = 5"),
        Injury.sql(
            "unseen of a folder", .whole, ["folder INBOX"],
            "UPDATE folder SET unseen = 1 WHERE account_id = 1 AND id = 5"),
        Injury.sql(
            "bytes of a folder", .whole, ["folder INBOX"], "UPDATE folder SET size = 1 WHERE account_id = 1 AND id = 5"),
        Injury.sql(
            "deleted of a folder", .whole, ["folder INBOX"],
            "UPDATE folder SET deleted = 1 WHERE account_id = 1 AND id = 5"),
        Injury.sql(
            "next UID", .whole, ["folder INBOX", "UID 2"],
            "UPDATE folder SET uid_next = 2 WHERE account_id = 1 AND id = 5"),
        Injury.sql(
            "UIDVALIDITY", .whole, ["folder INBOX", "UIDVALIDITY"],
            "UPDATE folder SET uid_validity = 0 WHERE account_id = 1 AND id = 5"),
        Injury.sql(
            "next UIDVALIDITY", .whole, ["UIDVALIDITY"], "UPDATE account SET next_validity = 5 WHERE account_id = 1"),
        Injury.sql(
            "quota bytes", .whole, ["account alice@example.test", "quota"],
            "UPDATE account SET bytes = 1 WHERE account_id = 1"),
        Injury.sql("quota messages", .whole, ["quota"], "UPDATE account SET messages = 1 WHERE account_id = 1"),
        Injury.sql("next id", .whole, ["id 3"], "UPDATE account SET next_id = 3 WHERE account_id = 1"),
        Injury.sql(
            "change number", .whole, ["change number"],
            "UPDATE account SET change_number = 3, log_floor = 0 WHERE account_id = 1"),
        Injury.sql("log floor", .whole, ["change log"], "UPDATE account SET log_floor = 3000 WHERE account_id = 1"),
        Injury.sql("keyword sets", .none, ["keywords"], "DELETE FROM keyword_set"),
        Injury.sql(
            "counters of the shard", .whole, ["ids again"], "UPDATE shard SET next_content = 2, next_account = 1"),

        // Folders and addresses.
        Injury.sql(
            "a folder without a parent", .whole, ["folder Übersicht 日本", "above it is missing"],
            "DELETE FROM folder WHERE account_id = 1 AND name = 'Arbeit'; DELETE FROM item WHERE folder_id NOT IN (SELECT id FROM folder); UPDATE content SET refs = refs - 1 WHERE id = 3; UPDATE account SET messages = messages - 1, bytes = bytes - (SELECT size FROM content WHERE id = 3); UPDATE content SET refs = 0 WHERE id = 3"
        ),
        Injury.sql(
            "a folder in itself", .whole, ["inside itself"],
            "UPDATE folder SET parent_id = id WHERE account_id = 1 AND name = 'Arbeit'"),
        Injury.sql(
            "a missing folder with mail", .whole, ["the folder is missing", "3 messages", "Recovered"],
            "DELETE FROM folder WHERE account_id = 1 AND name = 'Übersicht 日本'; DELETE FROM item WHERE uid > 3 AND folder_id > 255; UPDATE content SET refs = 1 WHERE id < 3; UPDATE account SET messages = messages - 2"
        ),
        Injury.sql(
            "a missing system folder", .whole, ["folder Trash", "missing"],
            "DELETE FROM folder WHERE account_id = 1 AND name = 'Trash'"),
        Injury.sql(
            "an account without an address", .whole, ["account alice@example.test"],
            "DELETE FROM address WHERE address = 'alice@example.test'"),
        Injury.sql(
            "an address of nobody", .whole, ["ghost@example.test"],
            "INSERT INTO address VALUES ('ghost@example.test', 1, 'example.test', NULL)"),
        Injury.sql("a missing domain", .whole, ["domain example.test"], "DELETE FROM domain"),
        Injury.sql(
            "a missing account", .none, ["account 2", "does not know"],
            "DELETE FROM account WHERE account_id = 2; DELETE FROM address WHERE account_id = 2"),
    ]

    @Test(arguments: injuries)
    func damageIsFoundAndNamed(_ injury: Injury) async throws {
        let fixture = try await DamageFixture.make(large: injury.concernsObjects)
        #expect(try await fixture.verify().findings == [], "before the damage")
        try injury.damage(fixture)
        let first = try await fixture.verify()
        let text = Self.text(first)
        #expect(!first.findings.isEmpty)
        for word in injury.words { #expect(text.contains(word), "“\(word)” is not in: \(text)") }
        #expect(first.findings.allSatisfy { !$0.isRepaired })
        let repaired = try await fixture.verify(repair: true)
        let second = try await fixture.verify()
        switch injury.repair {
        case .whole:
            #expect(repaired.isAllRepaired, "\(Self.text(repaired))")
            #expect(second.findings == [], "\(Self.text(second))")
        case .none:
            #expect(repaired.findings.contains { !$0.isRepaired })
            #expect(!second.findings.isEmpty)
        }
        try fixture.end()
    }

    static func text(_ report: VerifyReport) -> String {
        report.findings.map { "\($0.address ?? "-"): \($0.object): \($0.damage)" }.joined(separator: "\n")
    }

    @Test func soundStoreHasNoFindings() async throws {
        let fixture = try await DamageFixture.make()
        let report = try await fixture.verify()
        #expect(report.findings == [])
        #expect(report.notes == [])
        #expect(report.accounts == 2)
        let messages = fixture.before.accounts.values.flatMap(\.values).map(\.messages.count)
        #expect(report.messages == messages.reduce(0, +))
        try fixture.end()
    }

    /// Repaired content is the very content.
    @Test func repairLosesNothing() async throws {
        let fixture = try await DamageFixture.make()
        try fixture.execute(
            "DELETE FROM content WHERE id < 12; UPDATE content SET start = 64 WHERE segment > 1; UPDATE folder SET uid_next = 1, messages = 0; DELETE FROM segment"
        )
        #expect(try await fixture.verify(repair: true).isAllRepaired)
        #expect(try await fixture.verify().findings == [])
        let shard = try await fixture.open()
        let after = try await StoreContents.read(shard)
        for (account, mailboxes) in fixture.before.accounts {
            for (path, mailbox) in mailboxes {
                #expect(after.accounts[account]?[path]?.messages == mailbox.messages, "\(account) \(path)")
            }
        }
        await shard.close()
        try fixture.end()
    }

    @Test func purgedMailIsDeadSpaceAndStillWatched() async throws {
        let fixture = try await DamageFixture.make()
        let place = try fixture.record("id = 4")
        let shard = try await fixture.open()
        fixture.store.clock.advance(days: 20)
        #expect(try await shard.purge(now: fixture.store.clock.now).items == 1)
        await shard.close()
        #expect(try await fixture.verify().findings == [])
        try fixture.edit("content/0000000\(place.segment).seg") { $0[Int(place.offset) + 140] ^= 1 }
        let report = try await fixture.verify()
        #expect(report.findings.count == 1)
        #expect(Self.text(report).contains("no living message"))
        try fixture.end()
    }

    /// Any bit of any content file.
    @Test(arguments: [(250, false), (50, true)])
    func everyFlippedBitIsFound(_ seeds: Int, _ large: Bool) async throws {
        let fixture = try await DamageFixture.make(large: large)
        let files = fixture.names("content").map { "content/" + $0 } + fixture.names("objects").map { "objects/" + $0 }
        #expect(files.count > (large ? 3 : 2))
        var random = Seeded(state: 20)
        let shard = try await fixture.open()
        for seed in 0..<seeds {
            let name = files[Int(random.next() % UInt64(files.count))]
            var chosen = 0
            try fixture.flipInPlace(name) { count in
                chosen = Int(random.next() % UInt64(count * 8))
                return chosen
            }
            let report = try await shard.verify(repair: false) { _, _ in }
            #expect(!report.findings.isEmpty, "seed \(seed): bit \(chosen) of \(name)")
            try fixture.flipInPlace(name) { _ in chosen }
        }
        #expect(try await shard.verify(repair: false) { _, _ in }.findings == [])
        await shard.close()
        try fixture.end()
    }
}

/// The same numbers each time.
struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension DamageFixture {
    /// Changes one bit of a file without making it anew: readers keep files open.
    func flipInPlace(_ name: String, _ choose: (Int) -> Int) throws {
        let handle = try FileHandle(forUpdating: URL(filePath: path(name)))
        defer { try? handle.close() }
        let bit = choose(Int(try handle.seekToEnd()))
        try handle.seek(toOffset: UInt64(bit / 8))
        let byte = try #require(try handle.read(upToCount: 1)?.first)
        try handle.seek(toOffset: UInt64(bit / 8))
        try handle.write(contentsOf: [byte ^ (1 << UInt8(bit % 8))])
    }
}
