import Accounts

/// Threads for searching texts, which may keep a core busy for a while: bounded, so that searches wait for each other and
/// not logins or deliveries for them.
package final class SearchThreads: SearchWorkers {
    private let pool = HashingPool(threads: 2, limit: .max)

    package init() {}

    package func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        do throws(HashingPool.Overloaded) {
            return try await pool.run(body)
        } catch {
            // No limit is set; were there one, the cooperative pool would do.
            return body()
        }
    }
}
