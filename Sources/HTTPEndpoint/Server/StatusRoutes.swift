import HTTPTypes
package import Hummingbird

/// The pages about the server itself: `/`, `/healthz`, `/readyz` and `/metrics`.
package struct StatusRoutes: RouteContributor {
    private let name: String
    private let metrics: PrometheusRegistry?
    private let allowed: [AddressRange]
    private let readiness: @Sendable () async -> Readiness

    /// - Parameters:
    ///   - name: the host name shown on the front page.
    ///   - metrics: nil for no `/metrics`.
    ///   - allowed: from where `/metrics` may be read.
    ///   - readiness: asked at each `/readyz`, so it must be quick.
    package init(
        name: String, metrics: PrometheusRegistry?, allowed: [AddressRange] = AddressRange.loopback,
        readiness: @escaping @Sendable () async -> Readiness
    ) {
        self.name = name
        self.metrics = metrics
        self.allowed = allowed
        self.readiness = readiness
    }

    package func addRoutes(to router: Router<HTTPRequestContext>) {
        let page = FrontPage.html(name: name)
        router.get("/") { _, _ in PlainResponse.make(page, type: "text/html; charset=utf-8") }
        // Alive is who answers.
        router.get("/healthz") { _, _ in PlainResponse.make("ok\n") }
        router.get("/readyz") { [readiness] _, _ in
            switch await readiness() {
            case .ready: PlainResponse.make("ready\n")
            case .notReady(let reason): PlainResponse.make("not ready: \(reason)\n", status: .serviceUnavailable)
            }
        }
        guard let metrics else { return }
        router.get("/metrics") { [allowed] request, context in
            guard Self.mayRead(request, from: context, allowed: allowed) else {
                return PlainResponse.make("Metrics may not be read from here; see http.allow.\n", status: .forbidden)
            }
            return PlainResponse.make(metrics.exposition(), type: "text/plain; version=0.0.4; charset=utf-8")
        }
    }

    /// A request that a proxy passes on for somebody is judged as from elsewhere: the proxy's own address says nothing.
    private static func mayRead(_ request: Request, from context: HTTPRequestContext, allowed: [AddressRange]) -> Bool {
        let isForwarded = ["forwarded", "x-forwarded-for"].contains { name in
            request.headers.contains { $0.name.canonicalName == name }
        }
        guard !isForwarded, let address = context.remoteAddress else { return false }
        return allowed.contains { $0.contains(address) }
    }
}
