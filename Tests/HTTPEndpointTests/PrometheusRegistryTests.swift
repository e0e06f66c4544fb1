import HTTPEndpoint
import Metrics
import Testing

@Suite struct PrometheusRegistryTests {
    @Test func eachKindIsToldInItsForm() {
        let registry = PrometheusRegistry(help: ["smtp.messages": "Messages taken."])
        Counter(label: "smtp.messages", dimensions: [("service", "smtp")], factory: registry).increment(by: 2)
        Counter(label: "smtp.messages", dimensions: [("service", "submission")], factory: registry).increment()
        Meter(label: "sessions", factory: registry).increment(by: 3)
        Gauge(label: "queue.length", factory: registry).record(2.5)
        FloatingPointCounter(label: "cpu", factory: registry).increment(by: 0.25)
        registry.addGauge("accounts") { 7 }
        registry.addGauge("unknown") { nil }
        #expect(
            registry.exposition() == """
                # TYPE martlet_accounts gauge
                martlet_accounts 7
                # TYPE martlet_cpu_total counter
                martlet_cpu_total 0.25
                # TYPE martlet_queue_length gauge
                martlet_queue_length 2.5
                # TYPE martlet_sessions gauge
                martlet_sessions 3
                # HELP martlet_smtp_messages_total Messages taken.
                # TYPE martlet_smtp_messages_total counter
                martlet_smtp_messages_total{service="smtp"} 2
                martlet_smtp_messages_total{service="submission"} 1

                """)
    }

    @Test func timersAreHistogramsOfSeconds() {
        let registry = PrometheusRegistry()
        let timer = Timer(label: "commit", dimensions: [("shard", "0")], factory: registry)
        timer.recordMilliseconds(3)
        timer.recordMilliseconds(3)
        timer.recordSeconds(100)
        let text = registry.exposition()
        #expect(text.contains("# TYPE martlet_commit_seconds histogram\n"))
        #expect(text.contains("martlet_commit_seconds_bucket{shard=\"0\",le=\"0.0025\"} 0\n"))
        #expect(text.contains("martlet_commit_seconds_bucket{shard=\"0\",le=\"0.005\"} 2\n"))
        #expect(text.contains("martlet_commit_seconds_bucket{shard=\"0\",le=\"60\"} 2\n"))
        #expect(text.contains("martlet_commit_seconds_bucket{shard=\"0\",le=\"+Inf\"} 3\n"))
        #expect(text.contains("martlet_commit_seconds_count{shard=\"0\"} 3\n"))
        #expect(text.contains("martlet_commit_seconds_sum{shard=\"0\"} 100.006\n"))
    }

    @Test func amountsAreHistogramsToo() {
        let registry = PrometheusRegistry()
        Recorder(label: "message.bytes", factory: registry).record(1000)
        #expect(
            registry.exposition().contains(
                "martlet_message_bytes_bucket{le=\"256\"} 0\nmartlet_message_bytes_bucket{le=\"1024\"} 1\n"))
    }

    @Test func namesAndValuesAreMadeHarmless() {
        let registry = PrometheusRegistry()
        Counter(label: "9 lives/ä", dimensions: [("a-b", "x\"y\\z\nw")], factory: registry).increment()
        #expect(registry.exposition().contains("martlet__9_lives____total{a_b=\"x\\\"y\\\\z\\nw\"} 1\n"))
    }

    @Test func labelValuesCannotGrowWithoutBound() {
        let registry = PrometheusRegistry(seriesLimit: 3)
        for number in 0..<100 {
            Counter(label: "c", dimensions: [("peer", "\(number)")], factory: registry).increment()
        }
        let lines = registry.exposition().split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines.contains("martlet_c_total{overflow=\"true\"} 97"))
    }

    @Test func namesCannotGrowWithoutBoundEither() {
        let registry = PrometheusRegistry(familyLimit: 2)
        for number in 0..<10 { Counter(label: "c\(number)", factory: registry).increment() }
        #expect(registry.exposition().split(separator: "\n").count == 4)
    }

    @Test func twoKindsOfOneNameDoNotMix() {
        let registry = PrometheusRegistry()
        Meter(label: "x_total", factory: registry).set(5)
        Counter(label: "x", factory: registry).increment()
        #expect(registry.exposition() == "# TYPE martlet_x_total gauge\nmartlet_x_total 5\n")
    }

    @Test func countingFromManyTasksLosesNothing() async {
        let registry = PrometheusRegistry()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let counter = Counter(label: "n", factory: registry)
                    let meter = Meter(label: "m", factory: registry)
                    for _ in 0..<1000 {
                        counter.increment()
                        meter.increment(by: 1)
                    }
                }
            }
        }
        #expect(registry.exposition().contains("martlet_n_total 8000\n"))
        #expect(registry.exposition().contains("martlet_m 8000\n"))
    }

    @Test func theProcessKnowsItself() {
        let registry = PrometheusRegistry()
        ProcessMetrics.add(to: registry)
        let text = registry.exposition()
        for name in ["resident_bytes", "threads", "cpu_seconds_total", "open_files"] {
            #expect(text.contains("\nmartlet_process_\(name) "), "\(text)")
        }
    }
}
