import IMAPWire
import Logging
import MailModel
import MailStore
import SessionIO

extension IMAPSession {
    /// FETCH and UID FETCH (RFC 9051 §6.4.5).
    func fetch(_ command: FetchCommand) async throws(StoreError) -> Completion {
        if command.changedSince != nil || command.attributes.contains(.modSequence) { enableModSequences() }
        await tellNews(mayExpunge: command.isUID)
        guard let box = selected, let request = FetchRequest(command, in: box.snapshot, recent: box.recent) else {
            return .bad("No message has that number")
        }
        do throws(FetchInterruption) {
            var renderer = FetchRenderer(request, store: try openStore(), sink: connection)
            let outcome = try await renderer.run()
            await markSeen(outcome.unseen, box)
            if let failure = outcome.failure {
                connection.logger.error(
                    "messages cannot be read",
                    metadata: [
                        "mailbox": "\(box.folder)", "messages": "\(outcome.failed.text)", "cause": "\(failure)",
                        "remedy": "`martlet verify` says which are damaged",
                    ])
            }
            let completion = outcome.completion
            return Completion(condition: completion.condition, text: completion.text, code: completion.code)
        } catch {
            if case .contentLost(let number, let cause) = error {
                connection.logger.error(
                    "message cannot be read to its end",
                    metadata: ["mailbox": "\(box.folder)", "message": "\(number)", "cause": "\(cause)"])
            }
            abort()
            return .no("The connection is lost")
        }
    }

    private func openStore() throws(FetchInterruption) -> any AccountStore {
        guard let account else { throw .connectionLost }
        return account.store
    }

    /// The messages whose content the client has taken are seen now; it is told with the other news. That it fails is no
    /// reason to refuse what has been sent already.
    private func markSeen(_ uids: [UInt32], _ box: SelectedMailbox) async {
        guard !uids.isEmpty, !box.isReadOnly, let account else { return }
        do throws(StoreError) {
            _ = try await account.store.changeFlags(
                .add(MessageFlags(.seen)), of: UIDSet(uids: uids), in: box.folder, unchangedSince: nil)
        } catch {
            _ = failed(error, .fetch)
        }
    }
}
