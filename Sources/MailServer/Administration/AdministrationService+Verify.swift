import MailModel
import MailQueue
import MailStore

extension AdministrationService {
    /// Whether there is damage that is not repaired.
    func verify(repair: Bool, _ reply: @escaping Reply) async throws -> Bool {
        let (steps, step) = AsyncStream<(Int, Int)>.makeStream(bufferingPolicy: .bufferingNewest(1))
        async let reporting: Void = {
            for await (done, total) in steps { await reply(.progress(done: done, total: total)) }
        }()
        defer { step.finish() }
        var report = try await shard.verify(repair: repair) { done, total in step.yield((done, total)) }
        step.finish()
        await reporting
        for finding in inspectFiles() { report.add(finding) }
        await reply(.object(AdministrationView.json(VerifyView(report))))
        return !report.isAllRepaired
    }
}

/// What `verify` answers with.
package struct VerifyView: Codable, Sendable {
    package struct Finding: Codable, Sendable {
        /// The account's id.
        package let account: String?
        package let address: String?
        package let folder: String?
        package let uid: String?
        package let subject: String?
        package let received: String?
        package let object: String
        package let damage: String
        package let repaired: Bool

        init(_ finding: VerifyReport.Finding) {
            account = finding.account.map { String($0.rawValue) }
            address = finding.address
            folder = finding.message?.folder
            uid = finding.message.map { String($0.uid) }
            subject = finding.message?.subject
            received = finding.message.map { RFC3339.text($0.received) }
            object = finding.object
            damage = finding.damage
            repaired = finding.isRepaired
        }
    }
    package let accounts: Int
    package let messages: Int
    package let bytes: Int64
    package let findings: [Finding]
    /// Findings beyond those that are listed.
    package let omitted: Int
    /// What is no damage.
    package let notes: [String]

    init(_ report: VerifyReport) {
        accounts = report.accounts
        messages = report.messages
        bytes = report.bytes
        findings = report.findings.map(Finding.init)
        omitted = report.omitted
        notes = report.notes
    }
}
