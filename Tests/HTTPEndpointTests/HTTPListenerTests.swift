import Glibc
import HTTPEndpoint
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@Suite struct HTTPListenerTests {
    @Test func theStatusPagesAnswer() async throws {
        let metrics = PrometheusRegistry()
        try await Self.serve(StatusRoutes(name: "mail.example.test", metrics: metrics) { .ready }, metrics: metrics) {
            address in
            let page = try await HTTPConversation.get("/", at: address)
            #expect(page.contains("HTTP/1.1 200 OK") && page.contains("<h1>mail.example.test</h1>"))
            #expect(page.lowercased().contains("server: martlet"))
            #expect(try await HTTPConversation.get("/healthz", at: address).hasSuffix("\r\n\r\nok\n"))
            #expect(try await HTTPConversation.get("/readyz", at: address).hasSuffix("\r\n\r\nready\n"))
            #expect(try await HTTPConversation.get("/nothing", at: address).hasPrefix("HTTP/1.1 404"))
            let head = try await HTTPConversation.ask(
                "HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", at: address)
            #expect(head.hasPrefix("HTTP/1.1 200") && head.hasSuffix("\r\n\r\n"))
            let told = try await HTTPConversation.get("/metrics", at: address)
            #expect(told.contains("text/plain; version=0.0.4"))
            #expect(told.contains("martlet_http_requests_total{class=\"2xx\"} 4\n"))
            #expect(told.contains("martlet_http_requests_total{class=\"4xx\"} 1\n"))
        }
    }

    @Test func whoIsNotReadySaysWhy() async throws {
        let routes = StatusRoutes(name: "x", metrics: nil) { .notReady(reason: "the store is opening") }
        try await Self.serve(routes) { address in
            let answer = try await HTTPConversation.get("/readyz", at: address)
            #expect(answer.hasPrefix("HTTP/1.1 503") && answer.hasSuffix("not ready: the store is opening\n"))
            #expect(try await HTTPConversation.get("/healthz", at: address).hasPrefix("HTTP/1.1 200"))
            #expect(try await HTTPConversation.get("/metrics", at: address).hasPrefix("HTTP/1.1 404"))
        }
    }

    @Test func metricsAreForAllowedAddressesOnly() async throws {
        let elsewhere = try #require(AddressRange("192.0.2.0/24"))
        try await Self.serve(StatusRoutes(name: "x", metrics: PrometheusRegistry(), allowed: [elsewhere]) { .ready }) {
            address in
            let answer = try await HTTPConversation.get("/metrics", at: address)
            #expect(answer.hasPrefix("HTTP/1.1 403"))
        }
    }

    @Test func metricsAreNotForThoseBehindAProxy() async throws {
        try await Self.serve(StatusRoutes(name: "x", metrics: PrometheusRegistry()) { .ready }) { address in
            for header in ["X-Forwarded-For: 127.0.0.1", "forwarded: for=127.0.0.1"] {
                let answer = try await HTTPConversation.get("/metrics", header: header, at: address)
                #expect(answer.hasPrefix("HTTP/1.1 403"), "\(header)")
            }
        }
    }

    @Test func laterEndpointsAddTheirRoutes() async throws {
        struct Echo: RouteContributor {
            func addRoutes(to router: Router<HTTPRequestContext>) {
                router.post("/echo") { request, _ in Response(status: .ok, body: .init(asyncSequence: request.body)) }
            }
        }
        try await Self.serve(Echo()) { address in
            let request = "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"
            let answer = try await HTTPConversation.ask(request, at: address)
            #expect(answer.contains("hello"))
        }
    }

    @Test(arguments: ["GARBAGE", "GET / HTTP/1.1\r\nX: "])
    func badRequestsAreRefused(start: String) async throws {
        try await Self.serve(StatusRoutes(name: "x", metrics: nil) { .ready }) { address in
            let request = "\(start)\(String(repeating: "x", count: 100_000))\r\n\r\n"
            let answer = try await HTTPConversation.ask(request, at: address)
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer)")
            #expect(try await HTTPConversation.get("/healthz", at: address).hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func aTakenPortIsKnownAtStart() async throws {
        try await Self.serve(StatusRoutes(name: "x", metrics: nil) { .ready }) { address in
            let port = try #require(address.port)
            let second = Self.listener([], port: port)
            let error = await #expect(throws: IOError.self) { try await second.start() }
            #expect(error?.errnoCode == EADDRINUSE)
        }
    }

    @Test func theServiceGroupStopsIt() async throws {
        let listener = Self.listener([StatusRoutes(name: "x", metrics: nil) { .ready }])
        let address = try await listener.start()
        let group = ServiceGroup(services: [listener], logger: Self.silent)
        async let running: Void = group.run()
        #expect(try await HTTPConversation.get("/healthz", at: address).hasPrefix("HTTP/1.1 200"))
        await group.triggerGracefulShutdown()
        try await running
        await #expect(throws: (any Error).self) { try await HTTPConversation.get("/healthz", at: address) }
    }

    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func listener(_ contributors: [any RouteContributor], port: Int = 0, metrics: PrometheusRegistry? = nil)
        -> HTTPListener
    {
        HTTPListener(
            HTTPListener.Settings(host: "127.0.0.1", port: port), contributors: contributors, metrics: metrics,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: silent)
    }

    static func serve(
        _ contributor: any RouteContributor, metrics: PrometheusRegistry? = nil,
        _ body: (SocketAddress) async throws -> Void
    ) async throws {
        let listener = listener([contributor], metrics: metrics)
        let address = try await listener.start()
        #expect(address.port != 0)
        do {
            try await body(address)
        } catch {
            await listener.stop()
            throw error
        }
        await listener.stop()
    }
}

/// One request on a connection of its own, and all that comes back until it is closed.
enum HTTPConversation {
    static func get(_ path: String, header: String = "Accept: */*", at address: SocketAddress) async throws -> String {
        try await ask("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(header)\r\nConnection: close\r\n\r\n", at: address)
    }

    static func ask(_ request: String, at address: SocketAddress) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: address) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var answer = ByteBuffer()
            do {
                for try await part in inbound { answer.writeImmutableBuffer(part) }
            } catch is IOError {
                // A refusal may end in a reset, after or instead of an answer.
            }
            return String(buffer: answer)
        }
    }
}
