import Logging
import MailModel
import MailStore
import POP3Wire
import SessionIO

extension POP3Session {
    /// QUIT after login (RFC 1939 §6): what was deleted goes, in one operation, then the lock, then the answer.
    func update() async -> POP3Reply {
        guard let maildrop else { return .ok("Goodbye.") }
        let messages = machine.maildrop
        let removals = maildrop.removals(messages, now: service.now())
        var answer = POP3Reply.ok("Goodbye.")
        do throws(StoreError) {
            if !removals.isEmpty {
                let uids = UIDSet(uids: removals.map { maildrop.uids[$0] })
                _ = try await maildrop.store.expunge(uids, in: SystemFolder.inbox, onlyDeleted: false)
                service.metrics.deleted(removals.count)
            }
        } catch {
            log(error, "messages cannot be deleted")
            answer = error.reply("Some deleted messages were not removed.")
        }
        await markSeen(maildrop, messages, except: removals)
        connection.logger.info("session ended by the client", metadata: ["deleted": "\(removals.count)"])
        finish()
        return answer
    }

    /// Retrieved mail is read mail for the account's other clients, and for `POP3Policy.expireAfter`.
    private func markSeen(_ maildrop: OpenMaildrop, _ messages: POP3Maildrop, except removals: [Int]) async {
        let removed = Set(removals)
        let unseen = maildrop.uids.indices.filter { index in
            messages.isRetrieved(index) && !removed.contains(index)
                && maildrop.row(index)?.flags.contains(.seen) == false
        }
        guard !unseen.isEmpty else { return }
        do throws(StoreError) {
            _ = try await maildrop.store.changeFlags(
                .add(MessageFlags(.seen)), of: UIDSet(uids: unseen.map { maildrop.uids[$0] }), in: SystemFolder.inbox,
                unchangedSince: nil)
        } catch {
            log(error, "retrieved messages not marked as seen")
        }
    }
}

extension OpenMaildrop {
    /// The indices of the messages to remove at QUIT: what the client deleted, and what the account's policy adds.
    func removals(_ messages: POP3Maildrop, now: Timestamp) -> [Int] {
        switch policy {
        case .leaveOnServer:
            return messages.removals(includingRetrieved: false)
        case .deleteAfterDownload:
            return messages.removals(includingRetrieved: true)
        case .expireAfter(let days):
            let age = Int64(clamping: days).multipliedReportingOverflow(by: 86_400)
            let cutoff =
                age.overflow ? Int64.min : now.seconds.subtractingReportingOverflow(age.partialValue).partialValue
            return uids.indices.filter { index in
                if messages.isDeleted(index) { return true }
                // Mail that nobody has fetched is never thrown away, however old.
                guard let row = row(index), row.received < cutoff else { return false }
                return messages.isRetrieved(index) || row.flags.contains(.seen)
            }
        }
    }
}

extension POP3Session {
    /// Logs what the client is told only in outline.
    func log(_ error: StoreError, _ what: Logger.Message, item: ItemID? = nil) {
        var metadata: Logger.Metadata = ["cause": "\(error)"]
        if let item { metadata["item"] = "\(item)" }
        let level: Logger.Level =
            switch error {
            // Another session removed it meanwhile; the store itself says what its trouble is, once.
            case .notFound: .debug
            case .diskFull, .unavailable: .info
            default: .error
            }
        connection.logger.log(level: level, what, metadata: metadata)
    }
}
