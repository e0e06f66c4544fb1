import Accounts
import Foundation
import MailServer
import Synchronization

/// One result per line of an import, with a count at the end for people.
final class ImportPrinter: Printer {
    private struct Counts {
        var line = 0
        var added = 0
        var existing = 0
        var failed = 0
    }

    private let total: Int
    private let json: Bool
    private let counts = Mutex(Counts())

    init(total: Int, json: Bool) {
        self.total = total
        self.json = json
    }

    func show(_ text: String) {
        guard let view = try? JSONDecoder().decode(AccountImportResult.self, from: Data(text.utf8)) else { return }
        let line = counts.withLock { counts in
            counts.line += 1
            switch view.result {
            case .added: counts.added += 1
            case .unchanged: counts.existing += 1
            case .failed: counts.failed += 1
            }
            return counts.line
        }
        if json {
            Output.write(text)
        } else if let message = view.message {
            Output.endProgress()
            let remedy = view.remedy.map { $0.isEmpty ? "" : "; \($0)" } ?? ""
            Output.write("line \(view.line): \(view.address ?? "?"): \(message)\(remedy)")
        }
        Output.progress(line, of: total)
    }

    func finish() {
        guard !json else { return }
        let counts = counts.withLock { $0 }
        Output.write("\(counts.added) added, \(counts.existing) there already, \(counts.failed) failed")
    }
}
