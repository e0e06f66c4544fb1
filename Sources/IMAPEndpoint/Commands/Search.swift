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
        guard let account = account?.record.id else { return .bad("Log in first") }
        let workers = service.searchWorkers.workers(for: account)
        let outcome: SearchOutcome
        await service.searchTurns.begin(account)
        do throws(SearchInterruption) {
            var evaluator = SearchEvaluator(
                request, store: try openStore(), workers: workers,
                isWanted: { [connection] in !connection.isClosed },
                giveWay: { [connection] in await connection.giveWay() })
            outcome = try await evaluator.run()
            service.searchTurns.end(account)
        } catch {
            service.searchTurns.end(account)
            switch error {
            case .store(let cause): throw cause
            case .cancelled: return .no("The search was interrupted", code: .unavailable)
            }
        }
        if let failure = outcome.failure {
            connection.logger.error(
                "messages cannot be searched", metadata: ["mailbox": "\(box.folder)", "cause": "\(failure)"])
        }
        await tell(outcome.result, tag, command, workers)
        let completion = outcome.completion
        return Completion(condition: completion.condition, text: completion.text, code: completion.code)
    }

    /// Results of hundreds of thousands of messages take milliseconds to write, and megabytes.
    private func tell(
        _ result: SearchResult, _ tag: String, _ command: SearchCommand, _ workers: any SearchWorkers
    ) async {
        guard result.numbers.count > 20_000 else { return Self.write(result, tag, command, into: &connection.output) }
        let response = await workers.run { [result, tag, command] in
            var response = ByteBuffer()
            Self.write(result, tag, command, into: &response)
            return response
        }
        if !(await connection.send(response)) { abort() }
    }

    private static func write(
        _ result: SearchResult, _ tag: String, _ command: SearchCommand, into output: inout ByteBuffer
    ) {
        if let returns = command.returns {
            output.writeIMAPExtendedSearch(result, tag: tag, isUID: command.isUID, returns: returns)
        } else {
            output.writeIMAPSearch(result)
        }
    }

    private func openStore() throws(SearchInterruption) -> any AccountStore {
        guard let account else { throw .cancelled }
        return account.store
    }
}
