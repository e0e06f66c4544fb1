import MessageFormat
import NIOCore

/// Reading messages.
enum FormatBenchmarks {
    static var all: [Benchmark] {
        let message = Messages.make(bytes: 10_000)
        let structure = MessageStructure.parse(message)
        let encoded = MessageSummary.make(from: structure, bytes: message).encode()
        let count = 500
        return [
            Benchmark("MIME structure of a 10 KB message", "µs") {
                Stopwatch.cpu(count) {
                    for _ in 0..<count { keep(MessageStructure.parse(message).root.children.count) }
                } * 1e6
            },
            Benchmark("structure, summary and its encoding", "µs") {
                Stopwatch.cpu(count) {
                    for _ in 0..<count {
                        keep(MessageSummary.make(from: MessageStructure.parse(message), bytes: message).encode().count)
                    }
                } * 1e6
            },
            Benchmark("decoding a stored summary", "µs") {
                Stopwatch.cpu(count) {
                    for _ in 0..<count { keep(MessageSummary(decoding: encoded)?.size ?? 0) }
                } * 1e6
            },
        ]
    }
}

/// Keeps the compiler from leaving out what nobody uses.
@inline(never) func keep(_ value: Int) { withExtendedLifetime(value) {} }
