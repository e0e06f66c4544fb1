import IMAPWire
import MailModel
import MailStore

extension IMAPSession {
    /// STORE and UID STORE (RFC 9051 §6.4.6, RFC 7162 §3.1.3).
    func store(_ command: StoreCommand) async throws(StoreError) -> Completion {
        if command.unchangedSince != nil { enableModSequences() }
        guard let box = selected, let rows = RowSelection(command.messages, isUID: command.isUID, in: box.snapshot)
        else { return .bad("No message has that number") }
        let uids = box.uids(of: rows)
        guard !uids.isEmpty else { return .ok("STORE completed") }
        let change: FlagChange =
            switch command.action {
            case .add: .add(command.flags)
            case .remove: .remove(command.flags)
            case .replace: .replace(command.flags)
            }
        let since = command.unchangedSince.map { ChangeNumber(Int64(clamping: $0)) }
        let result = try await store.changeFlags(change, of: uids, in: box.folder, unchangedSince: since)
        await tellNews(
            mayExpunge: command.isUID,
            own: OwnChange(
                told: command.isSilent ? UIDSet() : uids,
                silent: command.isSilent ? result.change.map { (change, $0) } : nil,
                isUID: command.isUID))
        let modified = box.numbers(of: result.modified, isUID: command.isUID)
        if !modified.isEmpty { return .ok("Some messages had changed", code: .modified(modified)) }
        return .ok("STORE completed")
    }
}
