import IMAPEndpoint
import IMAPWire
import MailModel
import MailStore
import NIOCore

/// SEARCH: the first line is its keys, the rest a message that is searched with those of every mailbox here. What a key
/// finds is compared with what its parts find.
enum SearchTarget {
    static func run(_ bytes: [UInt8]) {
        SerialTasks.install()
        let end = bytes.firstIndex(of: 0x0A) ?? bytes.count
        var input = ByteBuffer(bytes: Array("a SEARCH ".utf8) + bytes[..<end] + [0x0D, 0x0A])
        var parser = CommandParser(limits: ParserLimits())
        guard case .command(_, .search(let command)) = parser.next(&input),
            SearchRequest.supports(charset: command.charset)
        else { return }
        _ = SeedMessages.staged
        let message = ByteBuffer(bytes: bytes.dropFirst(end + 1))
        SerialTasks.wait { () async throws(StoreError) in
            let host = try await SessionHost(messages: SeedMessages.texts.count)
            let stager = host.shard.stage(expectedSize: nil)
            try await stager.write(message)
            let account = try await host.shard.account(host.alice.id)
            let new = NewMessage(try await stager.finish(), received: SessionHost.time)
            _ = try await account.append([new], to: SystemFolder.inbox)
            // A UID that is not the message's number.
            _ = try await account.expunge(UIDSet(uids: [4]), in: SystemFolder.inbox, onlyDeleted: false)
            let search = Search(account: account, snapshot: try await account.mailbox(SystemFolder.inbox))
            try await search.compare(command.key)
            try await search.extremes(command.key)
        }
    }

    private struct Search: Sendable {
        let account: any AccountStore
        let snapshot: MailboxSnapshot

        func find(_ key: SearchKey, isUID: Bool = false, _ returns: SearchReturn? = nil) async throws(StoreError)
            -> [UInt32]
        {
            let request = SearchRequest(
                snapshot: snapshot, key: key, returns: returns, isUID: isUID, now: SessionHost.time,
                recent: UIDSet(uids: [2, 3]))
            var evaluator = SearchEvaluator(request, store: account, workers: AtOnce())
            do throws(SearchInterruption) {
                let outcome = try await evaluator.run()
                expect(outcome.failed.isEmpty, "a message cannot be read")
                return outcome.result.numbers
            } catch {
                fail("a search ends early: \(error)")
            }
        }

        /// The numbers of messages by the parts of a key, and those of the whole, which must be the same.
        @discardableResult
        func compare(_ key: SearchKey, depth: Int = 0) async throws(StoreError) -> Set<UInt32> {
            let list = try await find(key)
            let found = Set(list)
            expect(zip(list, list.dropFirst()).allSatisfy { $0 < $1 }, "the numbers do not ascend")
            let all = Set(1...UInt32(max(1, snapshot.count)))
            guard depth < 4 else { return found }
            switch key {
            case .not(let part):
                let parts = try await compare(part, depth: depth + 1)
                expect(found == all.subtracting(parts), "NOT finds what its key finds")
            case .or(let left, let right):
                let others = try await compare(right, depth: depth + 1)
                let parts = try await compare(left, depth: depth + 1).union(others)
                expect(found == parts, "OR finds \(found), its keys \(parts)")
            case .and(let keys):
                var parts = all
                for part in keys.prefix(4) { parts.formIntersection(try await compare(part, depth: depth + 1)) }
                expect(
                    keys.count > 4 ? found.isSubset(of: parts) : found == parts,
                    "all keys find \(parts), together \(found)")
            default: break
            }
            return found
        }

        func extremes(_ key: SearchKey) async throws(StoreError) {
            let uids = try await find(key, isUID: true)
            let numbers = try await find(key)
            expect(numbers.compactMap { snapshot.uid(at: Int($0) - 1) } == uids, "UIDs and numbers differ")
            for (returns, expected) in [
                (SearchReturn.min, uids.first), (.max, uids.last),
            ] {
                let found = try await find(key, isUID: true, returns)
                expect(found == [expected].compactMap(\.self), "the first or last differs")
            }
            let both = try await find(key, isUID: true, [.min, .max])
            expect(both.first == uids.first && both.last == uids.last && both.count <= 2, "first and last differ")
        }
    }

    private struct AtOnce: SearchWorkers {
        func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result { body() }
    }
}
