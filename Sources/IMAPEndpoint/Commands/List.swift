import IMAPWire
import MailModel
import MailStore
import NIOCore
import SessionIO

extension IMAPSession {
    /// LIST, plain and extended (RFC 9051 §6.3.9, RFC 5258, RFC 5819, RFC 6154).
    func list(_ command: ListCommand) async throws(StoreError) -> Completion {
        if !command.isExtended, command.patterns == [""] {
            connection.output.writeIMAPSeparator()
            return .ok("LIST completed")
        }
        let tree = try await folderTree()
        let orphans = command.selection.contains(.subscribed) ? try await store.orphanSubscriptions() : []
        guard
            let listing = await listing(
                command.patterns.map { command.reference + $0 }, tree, orphans,
                { tree in
                    MailboxListing(command, tree, orphans: orphans).lines
                })
        else { return Self.tooCostly }
        for line in listing {
            connection.output.writeIMAPList(line.name, line.attributes, childInfo: line.hasChildInfo)
            // RFC 5819 §2: STATUS follows the LIST line of a mailbox that can be selected.
            if let items = command.status, let folder = line.folder {
                try await writeStatus(line.name, folder, items)
            }
            guard connection.output.readableBytes >= Self.sliceSize else { continue }
            guard await connection.flush() else {
                abort()
                break
            }
            await connection.giveWay()
        }
        return .ok("LIST completed")
    }

    private static let tooCostly = Completion.no("These patterns are too much for so many mailboxes", code: .limit)

    /// What `body` makes of the folders: on another thread if it takes long, and nil if it would take too long.
    private func listing(
        _ patterns: [String], _ tree: FolderTree, _ orphans: [String],
        _ body: @escaping @Sendable (FolderTree) -> [MailboxListing.Line]
    ) async -> [MailboxListing.Line]? {
        let steps = MailboxListing.steps(patterns, tree, orphans: orphans)
        guard steps <= MailboxListing.maximumSteps else { return nil }
        guard steps > 200_000, let account else { return body(tree) }
        return await service.searchWorkers.workers(for: account.record.id).run { body(tree) }
    }

    /// LSUB (RFC 3501 §6.3.9).
    func lsub(_ reference: String, _ pattern: String) async throws(StoreError) -> Completion {
        if pattern.isEmpty {
            connection.output.writeIMAPSeparator(isLSUB: true)
            return .ok("LSUB completed")
        }
        let tree = try await folderTree()
        var subscribed = tree.entries.filter(\.folder.isSubscribed).map(\.name.path)
        let orphans = try await store.orphanSubscriptions()
        subscribed += orphans
        let lines = await listing([reference + pattern], tree, orphans) { [subscribed] tree in
            MailboxListing.subscribed(subscribed, tree, ListPattern(reference + pattern))
        }
        guard let lines else { return Self.tooCostly }
        for line in lines { connection.output.writeIMAPList(line.name, line.attributes, isLSUB: true) }
        return .ok("LSUB completed")
    }

    /// NAMESPACE (RFC 2342).
    func namespace() -> Completion {
        connection.output.writeIMAPNamespacePersonal()
        return .ok("NAMESPACE completed")
    }
}
