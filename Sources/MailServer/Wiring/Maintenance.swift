import Accounts
import Logging
import MailStore

/// What a server does by itself: reclaims the space of what nobody can ask for any more.
struct Maintenance {
    let node: MailNode
    private let logger = Logger(label: "maintenance")

    init(node: MailNode) { self.node = node }

    /// Every hour until cancelled.
    func run() async {
        while (try? await Task.sleep(for: .seconds(3600))) != nil { await purge() }
    }

    private func purge() async {
        do throws(StoreError) {
            let report = try await node.shard.purge(now: SystemClock.now())
            if report.items > 0 {
                logger.info("purged", metadata: ["items": "\(report.items)", "bytes": "\(report.bytes)"])
            }
        } catch {
            logger.error("purge failed", metadata: ["cause": "\(error)"])
        }
    }
}
