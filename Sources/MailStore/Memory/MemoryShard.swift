package import MailModel
import MessageFormat
import NIOCore
import Synchronization

/// The store's twin in memory: same contract, no files. For tests of what stands on the store.
package final class MemoryShard: Shard {
    let now: @Sendable () -> Timestamp
    let state: MemoryState
    package let directory: any DirectoryStore
    package let queue: any QueueStore
    package let traces: any TraceStore

    package init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
        state = MemoryState()
        directory = MemoryDirectory(state: state, now: now)
        queue = MemoryQueue(state: state)
        traces = MemoryTraces(state: state)
    }

    package func account(_ id: AccountID) async throws(StoreError) -> any AccountStore {
        try state.access { data throws(StoreError) in
            guard data.accounts[id.rawValue] != nil else { throw .notFound("account \(id)") }
            if let store = data.handles[id.rawValue]?.store { return store }
            let store = MemoryAccount(id: id, state: state, now: now)
            data.handles[id.rawValue] = MemoryState.Handle(store: store)
            return store
        }
    }

    package func stage(expectedSize: Int?) -> any MessageStager { MemoryStager() }

    package func deliver(_ deliveries: [NewDelivery]) async throws(StoreError) -> [DeliveryResult] {
        var staged: [(delivery: NewDelivery, content: MemoryContent)] = []
        for delivery in deliveries {
            guard let content = delivery.message.content as? MemoryContent else {
                throw .notAllowed("the message was staged by another store")
            }
            staged.append((delivery, content))
        }
        var notices: [@Sendable () -> Void] = []
        let results = state.access { data in
            let forecast = staged.map { delivery, content in
                DeliveryResult(outcomes: delivery.local.map { outlook(for: $0, of: delivery, content, data) })
            }
            if zip(staged, forecast).contains(where: { $0.delivery.isWhole && $1.hasFailure }) {
                return forecast.map(\.withheld)
            }
            return staged.map { delivery, content in
                let outcomes = delivery.local.map { store($0, of: delivery, content, &data, &notices) }
                queue(delivery, content, &data)
                data.traces.append(contentsOf: delivery.trace)
                return DeliveryResult(outcomes: outcomes)
            }
        }
        for notify in notices { notify() }
        return results
    }

    /// What would become of a placement.
    private func outlook(
        for placement: LocalPlacement, of delivery: NewDelivery, _ content: MemoryContent, _ data: MemoryState.Data
    ) -> DeliveryResult.Outcome {
        guard let account = data.accounts[placement.account.rawValue] else {
            return .failed(.notFound("account \(placement.account)"))
        }
        let key = MemoryAccountData.DeliveryKey(delivery: delivery.id, recipient: placement.recipient.key)
        if account.deliveries.contains(key) { return .duplicate }
        do throws(StoreError) {
            try account.state.checkQuota(Int64(content.size))
            return .withheld
        } catch {
            return .failed(error)
        }
    }

    private func store(
        _ placement: LocalPlacement, of delivery: NewDelivery, _ content: MemoryContent, _ data: inout MemoryState.Data,
        _ notices: inout [@Sendable () -> Void]
    ) -> DeliveryResult.Outcome {
        guard let account = data.accounts[placement.account.rawValue] else {
            return .failed(.notFound("account \(placement.account)"))
        }
        let key = MemoryAccountData.DeliveryKey(delivery: delivery.id, recipient: placement.recipient.key)
        guard account.deliveries.insert(key).inserted else { return .duplicate }
        do throws(StoreError) {
            try account.state.checkQuota(Int64(content.size))
            var message = NewMessage(
                delivery.message, flags: placement.flags, received: delivery.received,
                envelopeRecipient: placement.recipient.key)
            message.envelopeSender = delivery.sender?.key ?? ""
            let result = try account.append([message], to: placement.folder, now: now())
            notices += account.notices(of: [placement.folder])
            return .stored(result.items[0])
        } catch {
            account.deliveries.remove(key)
            return .failed(error)
        }
    }

    private func queue(_ delivery: NewDelivery, _ content: MemoryContent, _ data: inout MemoryState.Data) {
        for entry in delivery.remote {
            guard !data.queue.contains(where: { $0.delivery == delivery.id && $0.recipient == entry.recipient.ascii })
            else {
                continue
            }
            data.nextQueueID += 1
            data.queue.append(
                QueueEntry(
                    id: data.nextQueueID, delivery: delivery.id, messageID: delivery.message.summary.messageIDText,
                    sender: delivery.sender?.ascii ?? "", recipient: entry.recipient.ascii,
                    domain: entry.recipient.domain.ascii, state: .ready, attempts: 0, next: delivery.received,
                    expires: entry.expires, lastReply: nil, size: Int64(content.size)))
        }
    }

    package func purge(now: Timestamp) async throws(StoreError) -> PurgeReport {
        state.access { data in
            var report = PurgeReport()
            let limit = now.adding(seconds: -14 * 86400)
            for account in data.accounts.values {
                for (id, item) in account.items where item.deleted.map({ $0 <= limit }) ?? false {
                    account.items[id] = nil
                    report.items += 1
                    report.bytes += Int64(item.content.size)
                }
            }
            return report
        }
    }

    package func verify(
        repair: Bool, progress: @escaping @Sendable (Int, Int) -> Void
    ) async throws(StoreError) -> VerifyReport {
        state.access { data in
            var report = VerifyReport()
            report.accounts = data.accounts.count
            for account in data.accounts.values {
                report.messages += account.items.count
                report.bytes += account.items.values.reduce(0) { $0 + Int64($1.content.size) }
            }
            progress(report.messages, report.messages)
            return report
        }
    }

    package func close() async {}
}

/// All data of a memory shard behind one lock.
///
/// Safety of `@unchecked Sendable`: `data`, and every class instance reachable from it, is touched only in `access`, which
/// holds the lock.
final class MemoryState: @unchecked Sendable {
    struct Handle {
        weak var store: MemoryAccount?
    }

    struct Data {
        var accounts: [Int64: MemoryAccountData] = [:]
        var handles: [Int64: Handle] = [:]
        var nextAccountID: Int64 = 1
        var domains: [String: DomainRecord] = [:]
        var aliases: [String: AliasRecord] = [:]
        var addresses: [String: Int64] = [:]
        var credentials: [CredentialRecord] = []
        var nextCredentialID: Int64 = 1
        var settings: [String: [UInt8]] = [:]
        var queue: [QueueEntry] = []
        var nextQueueID: Int64 = 0
        var traces: [TraceEvent] = []
    }

    private let lock = Mutex(())
    private var data = Data()
    let directorySubscribers = Subscribers<DirectoryChange>()

    func access<Result, Failure: Error>(_ body: (inout Data) throws(Failure) -> Result) throws(Failure) -> Result {
        lock._unsafeLock()
        defer { lock._unsafeUnlock() }
        return try body(&data)
    }
}
