import Glibc

/// What a run has shown.
struct Report {
    let operations: Int
    let bytes: Int
    let seconds: Double
    /// CPU seconds of the load itself.
    let cpu: Double
    private let latencies: [Float]

    init(_ tally: Tally, seconds: Double, cpu: Double) {
        let result = tally.result
        operations = result.operations
        bytes = result.bytes
        latencies = result.latencies.sorted()
        self.seconds = seconds
        self.cpu = cpu
    }

    static func ownCPU() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// In milliseconds, of the share of all latencies.
    private func latency(_ share: Double) -> Double {
        guard !latencies.isEmpty else { return 0 }
        return Double(latencies[min(latencies.count - 1, Int(Double(latencies.count) * share))]) * 1000
    }

    var json: String {
        let fields: [(String, String)] = [
            ("operations", String(operations)), ("bytes", String(bytes)), ("seconds", Self.number(seconds)),
            ("perSecond", Self.number(Double(operations) / max(seconds, 1e-9))), ("clientCPU", Self.number(cpu)),
            ("p50", Self.number(latency(0.5))), ("p99", Self.number(latency(0.99))),
            ("longest", Self.number(latency(1))),
        ]
        return "{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    /// Six digits after the point, whatever the locale.
    private static func number(_ value: Double) -> String {
        let scaled = Int((value * 1e6).rounded())
        let fraction = String(scaled % 1_000_000)
        return "\(scaled / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }

    func show() { print(json) }
}
