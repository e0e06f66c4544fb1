import IMAPWire
import MailModel
import MailStore
import NIOCore
import SessionIO

extension IMAPSession {
    /// COPY and UID COPY (RFC 9051 §6.4.7).
    func copy(_ command: CopyCommand) async throws(StoreError) -> Completion {
        guard let box = selected, let rows = RowSelection(command.messages, isUID: command.isUID, in: box.snapshot)
        else { return .bad("No message has that number") }
        guard let destination = try await destination(command.mailbox) else { return Self.tryCreate }
        // RFC 9051 §6.4.9: UIDs that are not in use are no error.
        guard !rows.isEmpty else { return .ok("No matching messages") }
        let result = try await store.copy(box.uids(of: rows), from: box.folder, to: destination.id)
        guard !result.source.isEmpty else { return .no("The messages are gone", code: .expungeIssued) }
        return .ok("COPY completed", code: Self.copyUID(result))
    }

    /// MOVE and UID MOVE (RFC 6851 §3.1). The originals are told to be gone before the tagged reply.
    func move(_ command: CopyCommand) async throws(StoreError) -> Completion {
        guard let box = selected, let rows = RowSelection(command.messages, isUID: command.isUID, in: box.snapshot)
        else { return .bad("No message has that number") }
        guard let destination = try await destination(command.mailbox) else { return Self.tryCreate }
        guard !rows.isEmpty else { return .ok("No matching messages") }
        let result = try await store.move(box.uids(of: rows), from: box.folder, to: destination.id)
        guard !result.source.isEmpty else { return .no("The messages are gone", code: .expungeIssued) }
        // RFC 6851 §4.3: COPYUID comes in an untagged OK, before the EXPUNGEs.
        connection.output.writeIMAPUntagged(.ok, "Moved", code: Self.copyUID(result))
        return .ok("MOVE completed")
    }

    private static func copyUID(_ result: CopyResult) -> ResponseCode {
        .copyUID(result.uidValidity, from: NumberSet(result.source), to: NumberSet(result.destination))
    }
}
