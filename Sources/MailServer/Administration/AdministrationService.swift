import Accounts
import Delivery
import Foundation
import MailModel
import MailQueue
package import MailStore

/// Carries out administrative requests on an open node, whether a server runs on it or not.
package final class AdministrationService: Sendable {
    typealias Reply = @Sendable (AdministrationReply) async -> Void

    let shard: any Shard
    let accounts: AccountAdministration
    let queue: MailQueue
    let status: @Sendable () async -> StatusView
    let reload: @Sendable () async throws -> Void
    /// What is wrong with files that are not the store's.
    let inspectFiles: @Sendable () -> [VerifyReport.Finding]

    /// - Parameters:
    ///   - status: what only the owner of listeners knows.
    ///   - reload: reads the certificates anew.
    ///   - inspectFiles: looks for damage in the certificates.
    init(
        shard: any Shard, accounts: AccountAdministration, queue: MailQueue,
        status: @escaping @Sendable () async -> StatusView, reload: @escaping @Sendable () async throws -> Void,
        inspectFiles: @escaping @Sendable () -> [VerifyReport.Finding]
    ) {
        self.shard = shard
        self.accounts = accounts
        self.queue = queue
        self.status = status
        self.reload = reload
        self.inspectFiles = inspectFiles
    }

    /// Answers `request` with objects, then `done` or `failed`.
    package func perform(
        _ request: AdministrationRequest, actor: Actor, reply: @escaping @Sendable (AdministrationReply) async -> Void
    ) async {
        do {
            let damage = try await run(request, actor, reply)
            await reply(.done(damage: damage))
        } catch let error as AdministrationError {
            await reply(.failed(Self.failure(error)))
        } catch let error as StoreError {
            await reply(.failed(Self.failure(error)))
        } catch let error as AdministrationFailure {
            await reply(.failed(error))
        } catch {
            await reply(.failed(AdministrationFailure(error: "failed", message: "\(error)")))
        }
    }

    private func run(_ request: AdministrationRequest, _ actor: Actor, _ reply: @escaping Reply) async throws -> Bool {
        switch request {
        case .status:
            await reply(.object(AdministrationView.json(await status())))
        case .domainAdd, .domainList, .domainShow, .domainSet, .domainRemove:
            try await runDomain(request, actor, reply)
        case .accountAdd, .accountImport, .accountList, .accountShow, .accountSet, .accountEnable, .accountRemove:
            try await runAccount(request, actor, reply)
        case .aliasAdd(let address, let targets, let isGroup):
            let record = try await accounts.setAlias(address, targets: targets, isGroup: isGroup, actor: actor)
            await reply(.object(AdministrationView.json(AliasView(record))))
        case .aliasList(let target):
            for record in try await accounts.aliases(of: target) {
                await reply(.object(AdministrationView.json(AliasView(record))))
            }
        case .aliasRemove(let address):
            try await accounts.removeAlias(address, actor: actor)
            await reply(.object(AdministrationView.json(RemovalView(address))))
        case .queueList(let selection):
            try await listQueue(selection, reply)
        case .trace(let selection):
            let filter = TraceFilter(
                delivery: selection.delivery.map { DeliveryID($0) }, messageID: selection.messageID,
                sender: selection.sender, recipient: selection.recipient,
                since: selection.since.map { Timestamp(seconds: $0) })
            for event in try await shard.traces.query(filter, limit: 100_000) {
                await reply(.object(AdministrationView.json(TraceListing(event))))
            }
        case .verify(let repair):
            return try await verify(repair: repair, reply)
        case .reloadCertificates:
            try await reload()
        case .purge:
            let report = try await shard.purge(now: SystemClock.now())
            await reply(.object(AdministrationView.json(PurgeView(report))))
        }
        return false
    }

    private func listQueue(_ selection: AdministrationRequest.QueueSelection, _ reply: Reply) async throws {
        let filter = QueueFilter(
            sender: selection.sender, recipient: selection.recipient, domain: selection.domain,
            messageID: selection.messageID)
        var after: Int64?
        while true {
            let page = try await queue.list(filter, after: after, limit: 500)
            for entry in page { await reply(.object(AdministrationView.json(entry))) }
            guard page.count == 500, let last = page.last.flatMap({ Int64($0.id) }) else { return }
            after = last
        }
    }

    static func failure(_ error: AdministrationError) -> AdministrationFailure {
        AdministrationFailure(
            error: error.error.rawValue, message: error.message, remedy: error.remedy, isTransient: error.isTransient)
    }

    static func failure(_ error: StoreError) -> AdministrationFailure {
        let isTransient = error.isTransient
        return AdministrationFailure(
            error: isTransient ? "unavailable" : "store", message: "the store refused: \(error)",
            remedy: isTransient ? "try again later" : "`martlet verify` looks for damage", isTransient: isTransient)
    }
}
