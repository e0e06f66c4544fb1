package import MailModel

/// What `verify` found, in words for people.
package struct VerifyReport: Sendable {
    /// A message as its owner knows it.
    package struct Message: Hashable, Sendable {
        package let item: ItemID
        /// The folder's path, levels separated by `/`.
        package let folder: String
        package let uid: UInt32
        package let received: Timestamp
        /// Nil where it is lost with the message.
        package let subject: String?
        /// Deleted already, but still to be had back.
        package let isDeleted: Bool
        package init(
            item: ItemID, folder: String, uid: UInt32, received: Timestamp, subject: String?, isDeleted: Bool
        ) {
            self.item = item
            self.folder = folder
            self.uid = uid
            self.received = received
            self.subject = subject
            self.isDeleted = isDeleted
        }
    }

    package struct Finding: Hashable, Sendable {
        package let account: AccountID?
        /// The account's address, where it is known.
        package let address: String?
        package let message: Message?
        /// What is damaged: `the index`, `content/00000003.seg`, `message “Hello” of 2026-05-01 in INBOX, UID 7`.
        package let object: String
        /// What is wrong with it, and what follows from that.
        package let damage: String
        package let isRepaired: Bool
        package init(
            account: AccountID? = nil, address: String? = nil, message: Message? = nil, object: String, damage: String,
            isRepaired: Bool = false
        ) {
            self.account = account
            self.address = address
            self.message = message
            self.object = object
            self.damage = damage
            self.isRepaired = isRepaired
        }
    }

    package var accounts = 0
    package var messages = 0
    package var bytes: Int64 = 0
    /// At most `maximumFindings`.
    package private(set) var findings: [Finding] = []
    /// Findings beyond those; all of them count as not repaired.
    package private(set) var omitted = 0
    /// What is no damage, but may be worth knowing.
    package var notes: [String] = []

    package static let maximumFindings = 10_000

    package init() {}

    package mutating func add(_ finding: Finding) {
        if findings.count < Self.maximumFindings { findings.append(finding) } else { omitted += 1 }
    }

    package var isSound: Bool { findings.isEmpty }
    package var isAllRepaired: Bool { omitted == 0 && findings.allSatisfy(\.isRepaired) }
}

extension VerifyReport.Message: CustomStringConvertible {
    package var description: String {
        let name = subject.map { $0.isEmpty ? "without a subject" : "“\($0)”" } ?? "whose subject is lost"
        return
            "\(isDeleted ? "deleted message" : "message") \(name), received \(received.shown), in \(folder), UID \(uid)"
    }
}

extension Timestamp {
    /// Day and minute for people, in UTC.
    package var shown: String {
        let day = Int64((Double(seconds) / 86400).rounded(.down))
        let date = GregorianCalendar.date(ofDay: day)
        let minute = (seconds - day * 86400) / 60
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return
            "\(date.year)-\(two(Int64(date.month)))-\(two(Int64(date.day))) \(two(minute / 60)):\(two(minute % 60)) UTC"
    }
}
