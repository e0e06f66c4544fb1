import IMAPWire
import Logging
import MailStore
import NIOCore
import SessionIO

extension IMAPSession {
    /// SEARCH and UID SEARCH (RFC 9051 §6.4.4, RFC 4731).
    func search(_ tag: String, _ command: SearchCommand) async throws(StoreError) -> Completion {
        if command.key.usesModSequence { enableModSequences() }
        await tellNews(mayExpunge: command.isUID)
        guard let box = selected else { return .bad("Select a mailbox first") }
        let request = SearchRequest(command, in: box.snapshot, now: service.now(), recent: box.recent)
        guard let request else { return .no("Texts must be in UTF-8 or US-ASCII", code: .badCharset) }
        guard command.returns?.contains(.save) != true else { return .bad("Results cannot be saved here") }
        let outcome: SearchOutcome
        do throws(SearchInterruption) {
            var evaluator = SearchEvaluator(
                request, store: try openStore(), workers: service.searchWorkers,
                isWanted: { [connection] in !connection.isClosed })
            outcome = try await evaluator.run()
        } catch {
            switch error {
            case .store(let cause): throw cause
            case .cancelled: return .no("The search was interrupted", code: .unavailable)
            }
        }
        if let failure = outcome.failure {
            connection.logger.error(
                "messages cannot be searched", metadata: ["mailbox": "\(box.folder)", "cause": "\(failure)"])
        }
        if let returns = command.returns {
            connection.output.writeIMAPExtendedSearch(outcome.result, tag: tag, isUID: command.isUID, returns: returns)
        } else {
            connection.output.writeIMAPSearch(outcome.result)
        }
        let completion = outcome.completion
        return Completion(condition: completion.condition, text: completion.text, code: completion.code)
    }

    private func openStore() throws(SearchInterruption) -> any AccountStore {
        guard let account else { throw .cancelled }
        return account.store
    }
}
