import Accounts
import MailModel
import MailStore

/// RCPT TO: a full mailbox is refused while the sender's host can still tell its user (RFC 3463 §3.3, X.2.2). Only where
/// one account alone is meant; the store's own check at the commit decides for all.
struct QuotaForecast {
    static let name = "quota"
    let shard: any Shard

    func check(_ destinations: Resolution.Destinations, _ envelope: DeliveryEnvelope) async throws(DeliveryRefusal) {
        guard destinations.remote.isEmpty, destinations.local.count == 1, let only = destinations.local.first else {
            return
        }
        let usage: QuotaUsage
        do throws(StoreError) {
            usage = try await shard.account(only.account).quota()
        } catch {
            throw .store(error)
        }
        guard let limit = usage.limit else { return }
        let (sum, overflow) = usage.bytes.addingReportingOverflow(Int64(max(envelope.options.size ?? 0, 0)))
        if overflow || sum > limit || usage.bytes >= limit {
            throw DeliveryRefusal(
                452, "4.2.2", "Mailbox full", cause: "\(usage.bytes) of \(limit) bytes", fault: .recipient)
        }
    }
}
