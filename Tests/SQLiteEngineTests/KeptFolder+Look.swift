import Crypto
import Foundation
import MailModel
import MailStore
import SQLiteEngine
import Testing

extension KeptFolder {
    /// Compares what the store answers with what clients saw when the folder was made.
    func expectEverything(in shard: SQLiteShard, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let records = try await shard.directory.accounts(after: nil, limit: 100)
        for (text, account) in seen.accounts {
            let record = try #require(records.first { "\($0.address)" == text }, sourceLocation: sourceLocation)
            try await expect(account, in: shard.account(record.id), sourceLocation)
        }
        #expect(
            records.first { "\($0.address)" == "dave@example.test" }?.isEnabled == false, sourceLocation: sourceLocation
        )
        let queue = try await shard.queue.list(QueueFilter(), after: nil, limit: 100)
        #expect(
            queue.map {
                Seen.QueueRow(
                    id: "\($0.id)", deliveryId: $0.delivery.rawValue, sender: $0.sender, recipient: $0.recipient,
                    size: $0.size)
            } == seen.queue, sourceLocation: sourceLocation)
        let trace = try await shard.traces.query(TraceFilter(), limit: 100)
        #expect(
            trace.map {
                Seen.TraceLine(deliveryId: $0.delivery.rawValue, stage: $0.stage, outcome: $0.outcome, text: $0.text)
            } == seen.trace, sourceLocation: sourceLocation)
        #expect(try await shard.verify(repair: false) { _, _ in }.findings == [], sourceLocation: sourceLocation)
    }

    private func expect(
        _ expected: Seen.Account, in account: any AccountStore, _ location: SourceLocation
    ) async throws {
        let folders = try await account.folders()
        func path(_ folder: Folder) -> String {
            let parent = folders.first { $0.id == folder.parent && $0.id != SystemFolder.top }
            let name = folder.id == SystemFolder.inbox ? "INBOX" : folder.name == "Äpfel" ? "&AMQ-pfel" : folder.name
            return parent.map { path($0) + "/" + name } ?? name
        }
        let mail = folders.filter { folder in
            folder.kind == .mail && folder.id != SystemFolder.top && folder.id != SystemFolder.outbox
        }
        var found = 0
        for (quoted, values) in expected.folders {
            let name = quoted.replacing("\"", with: "")
            let folder = try #require(mail.first { path($0) == name }, "\(name)", sourceLocation: location)
            found += 1
            #expect(
                values.status
                    == "UIDVALIDITY \(folder.uidValidity) UIDNEXT \(folder.uidNext) MESSAGES \(folder.messages) "
                    + "UNSEEN \(folder.unseen) HIGHESTMODSEQ \(max(folder.highestChange.rawValue, 1))",
                "\(name)", sourceLocation: location)
            #expect(
                folder.isSubscribed == (expected.subscribed.contains(quoted) || expected.subscribed.contains(name)),
                "\(name)", sourceLocation: location)
            let messages = try await messages(of: folder.id, in: account)
            let differences = Set(messages.keys).union(values.messages.keys).filter {
                messages[$0] != values.messages[$0]
            }
            #expect(differences.isEmpty, "\(name): \(differences.sorted())", sourceLocation: location)
            for uid in differences {
                #expect(messages[uid] == values.messages[uid], "\(name)", sourceLocation: location)
            }
        }
        #expect(found == expected.folders.count, sourceLocation: location)
    }

    private func messages(of folder: FolderID, in account: any AccountStore) async throws -> [String: Seen.Message] {
        let mailbox = try await account.mailbox(folder)
        var messages: [String: Seen.Message] = [:]
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "d-MMM-yyyy HH:mm:ss Z"
        for index in 0..<mailbox.count {
            let row = try #require(mailbox.row(at: index))
            let identity = try #require(try await account.identities(of: [row.item])[0])
            let content = try await bytes(of: row.item, in: account)
            var flags = mailbox.keywordSets[row.keywordSet].map(\.name)
            for (flag, name) in [
                (SystemFlags.seen, "\\Seen"), (.answered, "\\Answered"), (.flagged, "\\Flagged"), (.draft, "\\Draft"),
                (.deleted, "\\Deleted"),
            ] where row.flags.contains(flag) {
                flags.append(name)
            }
            let date = formatter.string(from: Date(timeIntervalSince1970: Double(row.received)))
            messages["\(row.uid)"] = Seen.Message(
                flags: flags.sorted().joined(separator: " "), modseq: "\(row.change.rawValue)",
                date: (date.count < 26 ? " " : "") + date,
                email: "M\(identity.email.rawValue)", thread: "T\(identity.thread.rawValue)", size: content.count,
                sha256: SHA256.hash(data: content).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
                    .joined())
        }
        return messages
    }
}
