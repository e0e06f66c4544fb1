import Hummingbird
import Metrics

/// Counts requests by the class of their answer, and times them. Paths are no label: anybody could make new ones.
struct RequestCounting: RouterMiddleware {
    typealias Context = HTTPRequestContext

    private let factory: any MetricsFactory
    private let duration: Timer
    private let counters: [Counter]

    init(_ factory: any MetricsFactory) {
        self.factory = factory
        duration = Timer(label: "http.request", factory: factory)
        counters = (1...5).map { Counter(label: "http.requests", dimensions: [("class", "\($0)xx")], factory: factory) }
    }

    func handle(
        _ request: Request, context: HTTPRequestContext, next: (Request, HTTPRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        defer { duration.record(duration: ContinuousClock.now - start) }
        do {
            let response = try await next(request, context)
            count(response.status.code)
            return response
        } catch {
            count((error as? any HTTPResponseError)?.status.code ?? 500)
            throw error
        }
    }

    private func count(_ status: Int) {
        let index = status / 100 - 1
        if counters.indices.contains(index) { counters[index].increment() }
    }
}
