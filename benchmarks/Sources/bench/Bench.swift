import Glibc

/// One thing to measure. A round may yield several figures, one for each label.
struct Benchmark {
    let labels: [(name: String, unit: String)]
    let round: () async throws -> [Double]

    init(_ name: String, _ unit: String, round: @escaping () async throws -> Double) {
        labels = [(name, unit)]
        self.round = { [try await round()] }
    }

    init(_ labels: [(name: String, unit: String)], round: @escaping () async throws -> [Double]) {
        self.labels = labels
        self.round = round
    }
}

/// `bench DIRECTORY [ROUNDS]`. The rounds of all benchmarks take turns, so that a busy moment of the machine spoils one round of
/// each and not all rounds of one; the table shows medians, and how far the rounds lay apart.
@main
enum Bench {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let directory = arguments.first else {
            note("usage: bench DIRECTORY [ROUNDS]")
            exit(2)
        }
        let rounds = max(1, arguments.dropFirst().first.flatMap { Int($0) } ?? 3)
        var benchmarks = FormatBenchmarks.all + WireBenchmarks.all
        benchmarks += try await MailboxBenchmarks.all()
        let store = try await StoreBenchmarks(directory: directory)
        benchmarks += store.all

        var figures: [[[Double]]] = benchmarks.map { $0.labels.map { _ in [] } }
        for round in 1...rounds {
            note("round \(round) of \(rounds)")
            for (index, benchmark) in benchmarks.enumerated() {
                for (column, figure) in try await benchmark.round().enumerated() {
                    figures[index][column].append(figure)
                }
            }
        }
        await store.close()
        for (benchmark, figures) in zip(benchmarks, figures) {
            for (label, values) in zip(benchmark.labels, figures) {
                let sorted = values.sorted()
                print(
                    row(
                        label.name, number(sorted[sorted.count / 2]), label.unit,
                        "\(number(sorted[0])) – \(number(sorted[sorted.count - 1]))"))
            }
        }
    }

    private static func row(_ name: String, _ value: String, _ unit: String, _ spread: String) -> String {
        "| \(name) | \(value) | \(unit) | \(spread) |"
    }

    /// Three digits that count.
    private static func number(_ value: Double) -> String {
        if value >= 100 { return String(Int(value.rounded())) }
        let scale: Double = value >= 10 ? 10 : 100
        let scaled = Int((value * scale).rounded())
        let fraction = String(scaled % Int(scale))
        return "\(scaled / Int(scale))." + String(repeating: "0", count: (scale == 10 ? 1 : 2) - fraction.count)
            + fraction
    }
}

/// Says something that is no result.
func note(_ text: String) {
    let line = Array("\(text)\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// Clocks. What computes is measured in CPU time of the process, which others on the machine disturb least.
enum Stopwatch {
    static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// CPU seconds of `body`, divided by `count`.
    static func cpu(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
        let start = seconds(CLOCK_PROCESS_CPUTIME_ID)
        try body()
        return (seconds(CLOCK_PROCESS_CPUTIME_ID) - start) / Double(count)
    }

    /// CPU and elapsed seconds of `body`, divided by `count`.
    static func both(_ count: Int, _ body: () async throws -> Void) async rethrows -> (cpu: Double, elapsed: Double) {
        let (cpu, elapsed) = (seconds(CLOCK_PROCESS_CPUTIME_ID), seconds(CLOCK_MONOTONIC))
        try await body()
        return (
            (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) / Double(count),
            (seconds(CLOCK_MONOTONIC) - elapsed) / Double(count)
        )
    }
}
