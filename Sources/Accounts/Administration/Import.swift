import FoundationEssentials
import MailModel
package import MailStore

/// What became of one line of an import.
package struct AccountImportResult: Hashable, Sendable, Codable {
    package enum Outcome: String, Hashable, Sendable, Codable {
        case added
        /// There was such an account already; it was left as it is.
        case unchanged
        case failed
    }

    /// Counted from 1.
    package let line: Int
    package let address: String?
    package let result: Outcome
    /// As in `AdministrationError`; nil unless `failed`.
    package let error: String?
    package let message: String?
    package let remedy: String?
}

extension AccountAdministration {
    /// Adds the accounts of JSON lines `{"address","password"|"passwordHash","name","quota","aliases"}`. Results come in
    /// the order of the lines; a bad line stops nothing; an account that exists already is left alone, so that running it
    /// again is harmless. Blank lines are skipped.
    ///
    /// `concurrency` lines are under way at once, so that the store commits them together. `firstLine` is the number of the
    /// first of `lines` in the file they come from.
    package func importAccounts<Lines: AsyncSequence & Sendable>(
        _ lines: Lines, firstLine: Int = 1, concurrency: Int = 64, actor: Actor,
        report: (AccountImportResult) async -> Void
    ) async throws where Lines.Element == String {
        try await withThrowingTaskGroup(of: AccountImportResult.self) { group in
            var finished: [Int: AccountImportResult] = [:]
            var order: [Int] = []
            var reported = 0
            var number = firstLine - 1
            // Lines that name the same address are taken one after the other, so that the first wins every time.
            var busy: [Int: Set<String>] = [:]
            func take() async throws {
                guard let result = try await group.next() else { return }
                finished[result.line] = result
                busy[result.line] = nil
                while reported < order.count, let next = finished.removeValue(forKey: order[reported]) {
                    reported += 1
                    await report(next)
                }
            }
            for try await line in lines {
                number += 1
                guard line.utf8.contains(where: { $0 > 0x20 }) else { continue }
                let current = number
                let names = Self.names(in: line)
                while busy.values.contains(where: { !$0.isDisjoint(with: names) }) { try await take() }
                order.append(current)
                busy[current] = names
                group.addTask { await self.importAccount(line, number: current, actor: actor) }
                // Also bounds what waits for a slow line before it.
                while order.count - reported >= max(concurrency, 1) { try await take() }
            }
            while reported < order.count { try await take() }
        }
    }

    /// One line of an import.
    package func importAccount(_ line: String, number: Int, actor: Actor) async -> AccountImportResult {
        var given: String?
        do throws(AdministrationError) {
            let row = try Self.row(line)
            given = row.address
            let specification = try row.specification()
            if try await existing(try address(specification.address)) != nil {
                return Self.result(number, given, .unchanged)
            }
            do throws(AdministrationError) {
                _ = try await addAccount(specification, actor: actor)
            } catch {
                // Another line, or somebody else, was faster.
                guard error.error == .alreadyExists, try await existing(try address(specification.address)) != nil
                else {
                    throw error
                }
                return Self.result(number, given, .unchanged)
            }
            return Self.result(number, given, .added)
        } catch {
            return AccountImportResult(
                line: number, address: given, result: .failed, error: error.error.rawValue, message: error.message,
                remedy: error.remedy)
        }
    }

    private static func result(
        _ line: Int, _ address: String?, _ outcome: AccountImportResult.Outcome
    ) -> AccountImportResult {
        AccountImportResult(line: line, address: address, result: outcome, error: nil, message: nil, remedy: nil)
    }

    /// The keys of all addresses that the line would take.
    private static func names(in line: String) -> Set<String> {
        guard let row = try? row(line) else { return [] }
        return Set(([row.address] + (row.aliases ?? [])).compactMap { EmailAddress($0)?.key })
    }

    private static func row(_ line: String) throws(AdministrationError) -> ImportRow {
        do {
            return try JSONDecoder().decode(ImportRow.self, from: Data(line.utf8))
        } catch {
            throw AdministrationError(
                .invalidValue, "the line is not an account in JSON",
                remedy:
                    #"write it as {"address":"a@example.org","password":"…","name":"…","quota":1000000,"aliases":[]}"#)
        }
    }
}

private struct ImportRow: Decodable {
    var address: String
    var password: String?
    var passwordHash: String?
    var name: String?
    var quota: Int64?
    var aliases: [String]?

    func specification() throws(AdministrationError) -> AccountSpecification {
        let secret: AccountSpecification.Secret
        switch (password, passwordHash) {
        case (let password?, nil): secret = .password(password)
        case (nil, let hash?): secret = .hash(hash)
        case (nil, nil): secret = .none
        default:
            throw AdministrationError(
                .invalidValue, "the line has both password and passwordHash", remedy: "give one of them")
        }
        return AccountSpecification(
            address: address, name: name ?? "", quota: quota, secret: secret, aliases: aliases ?? [])
    }
}
