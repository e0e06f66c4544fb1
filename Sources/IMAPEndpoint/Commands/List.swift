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
        let listing = MailboxListing(command, tree, orphans: orphans)
        for line in listing.lines {
            connection.output.writeIMAPList(line.name, line.attributes, childInfo: line.hasChildInfo)
            // RFC 5819 §2: STATUS follows the LIST line of a mailbox that can be selected.
            if let items = command.status, let folder = line.folder {
                try await writeStatus(line.name, folder, items)
            }
            if connection.output.readableBytes >= Self.sliceSize, !(await connection.flush()) {
                abort()
                break
            }
        }
        return .ok("LIST completed")
    }

    /// LSUB (RFC 3501 §6.3.9).
    func lsub(_ reference: String, _ pattern: String) async throws(StoreError) -> Completion {
        if pattern.isEmpty {
            connection.output.writeIMAPSeparator(isLSUB: true)
            return .ok("LSUB completed")
        }
        let tree = try await folderTree()
        var subscribed = tree.entries.filter(\.folder.isSubscribed).map(\.name.path)
        subscribed += try await store.orphanSubscriptions()
        for line in MailboxListing.subscribed(subscribed, tree, ListPattern(reference + pattern)) {
            connection.output.writeIMAPList(line.name, line.attributes, isLSUB: true)
        }
        return .ok("LSUB completed")
    }

    /// NAMESPACE (RFC 2342).
    func namespace() -> Completion {
        connection.output.writeIMAPNamespacePersonal()
        return .ok("NAMESPACE completed")
    }
}
