import IMAPWire
import MailModel
import MailStore
import NIOCore
import SessionIO

extension IMAPSession {
    /// SELECT and EXAMINE (RFC 9051 §6.3.2, RFC 3501 §6.3.1).
    func select(_ command: SelectCommand) async throws(StoreError) -> Completion {
        // RFC 9051 §6.3.2: if it fails, no mailbox is selected.
        selected = nil
        machine.unselected()
        guard let folder = try await folderTree()[command.mailbox], let account else {
            return .no("There is no such mailbox", code: .nonExistent)
        }
        let connection = connection
        let subscription = account.store.subscribe(to: folder.id) { connection.wake() }
        let snapshot = try await account.store.mailbox(folder.id)
        if command.conditionalStore { _ = machine.enabledModSequences() }
        let recent = service.recent.uids(of: account.record.id, in: snapshot, claim: !command.isReadOnly)
        let box = SelectedMailbox(
            folder: folder.id, name: command.mailbox, isReadOnly: command.isReadOnly, snapshot: snapshot,
            recent: recent, toldKeywordSets: snapshot.keywordSets.sets.count, subscription: subscription)
        selected = box
        machine.selected(isReadOnly: command.isReadOnly)
        describe(box)
        let name = command.isReadOnly ? "EXAMINE" : "SELECT"
        return .ok("\(name) completed", code: command.isReadOnly ? .readOnly : .readWrite)
    }

    private func describe(_ box: SelectedMailbox) {
        let snapshot = box.snapshot
        let keywords = SelectedMailbox.keywords(of: snapshot)
        connection.output.writeIMAPFlagsDefined(keywords)
        connection.output.writeIMAPUntagged(
            .ok, box.isReadOnly ? "No flags can be changed" : "Flags that can be changed",
            code: .permanentFlags(
                box.isReadOnly ? [] : .all, box.isReadOnly ? [] : keywords, mayCreate: !box.isReadOnly))
        connection.output.writeIMAPExists(snapshot.count)
        connection.output.writeIMAPRecent(box.recentCount)
        if let unseen = snapshot.firstUnseen {
            connection.output.writeIMAPUntagged(.ok, "First unseen", code: .unseen(unseen + 1))
        }
        connection.output.writeIMAPUntagged(.ok, "UIDs valid", code: .uidValidity(snapshot.uidValidity))
        connection.output.writeIMAPUntagged(.ok, "Predicted next UID", code: .uidNext(snapshot.uidNext))
        connection.output.writeIMAPUntagged(.ok, "Highest", code: .highestModSequence(snapshot.highestChange))
    }
}
