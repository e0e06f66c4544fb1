import MailModel
import MailStore
import Testing

@Suite struct MailboxSnapshotTests {
    private func snapshot(_ uids: [UInt32], size: Int = 3) -> MailboxSnapshot {
        var chunks: [MailboxChunk] = []
        var rest = uids[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(size))
            rest = rest.dropFirst(size)
            chunks.append(
                MailboxChunk(
                    uids: part, items: part.map(Int64.init), flags: part.map { _ in [] },
                    keywordSets: part.map { _ in 0 },
                    changes: part.map(Int64.init), sizes: part, received: part.map(Int64.init)))
        }
        return MailboxSnapshot(
            folder: SystemFolder.inbox, uidValidity: 1, uidNext: (uids.last ?? 0) + 1, highestChange: ChangeNumber(9),
            chunks: chunks, keywordSets: KeywordSets(), unseen: uids.count)
    }

    @Test func positionsAndUIDsAgree() {
        let uids: [UInt32] = [2, 3, 5, 7, 11, 13, 17]
        let snapshot = snapshot(uids)
        #expect(snapshot.count == 7)
        for (index, uid) in uids.enumerated() {
            #expect(snapshot.uid(at: index) == uid)
            #expect(snapshot.index(ofUID: uid) == index)
            #expect(snapshot.row(at: index)?.item == ItemID(Int64(uid)))
        }
        #expect(snapshot.index(ofUID: 4) == nil)
        #expect(snapshot.lowerBound(uid: 6) == 3)
        #expect(snapshot.lowerBound(uid: 18) == 7)
        #expect(snapshot.uid(at: 7) == nil)
        #expect(snapshot.uid(at: -1) == nil)
        #expect(snapshot.firstUnseen == 0)
    }

    @Test func differencesIgnoreHowChunksAreCut() {
        let old = snapshot([1, 2, 3, 4, 5, 6, 7])
        let new = snapshot([1, 3, 4, 7, 8, 9], size: 2)
        let difference = MailboxDifference(from: old, to: new)
        #expect(difference.expunged == [1, 4, 5])
        #expect(difference.added == 2)
        #expect(difference.changed == [])
        #expect(MailboxDifference(from: old, to: old).isEmpty)
        #expect(MailboxDifference(from: snapshot([]), to: new).added == 6)
    }
}
