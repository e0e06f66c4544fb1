import MailStore

/// Which of a message's local destinations turned out not to take it, after RCPT and before the commit.
struct Fates: Sendable {
    /// By index into `Route.local`.
    private(set) var failed: [Int: DeliveryRefusal] = [:]

    /// Takes in what a commit of those that had not failed yet has found.
    mutating func add(_ result: DeliveryResult, of route: Route) {
        let tried = route.local.indices.filter { failed[$0] == nil }
        for (index, outcome) in zip(tried, result.outcomes) {
            if case .failed(let error) = outcome { failed[index] = .store(error) }
        }
    }
}
