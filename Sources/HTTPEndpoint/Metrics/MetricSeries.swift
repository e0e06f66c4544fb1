import Metrics
import Synchronization

/// One combination of label values of a metric.
protocol MetricSeries: AnyObject, Sendable {
    func write(_ labels: SeriesLabels, to exposition: inout Exposition)
}

/// A count that only grows.
final class CounterSeries: MetricSeries, CounterHandler {
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }

    func reset() { value.store(0, ordering: .relaxed) }

    func write(_ labels: SeriesLabels, to exposition: inout Exposition) {
        exposition.sample(labels: labels, value: Double(value.load(ordering: .relaxed)))
    }
}

/// A number that goes up and down; as a counter of fractions it only goes up.
final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler, FloatingPointCounterHandler {
    /// The bits of a Double.
    private let bits = Atomic<UInt64>(0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func decrement(by amount: Double) { increment(by: -amount) }
    func reset() { set(0.0) }

    func increment(by amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (done, current) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if done { return }
            old = current
        }
    }

    func write(_ labels: SeriesLabels, to exposition: inout Exposition) {
        exposition.sample(labels: labels, value: Double(bitPattern: bits.load(ordering: .relaxed)))
    }
}

/// Values sorted into fixed buckets.
final class HistogramSeries: MetricSeries, RecorderHandler, TimerHandler {
    private struct State {
        /// Not cumulative; one more than there are bounds.
        var counts: [UInt64]
        var sum = 0.0
    }

    /// Seconds, from a fast look-up to a slow client.
    static let secondsBounds = [
        0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]
    /// Counts and bytes: powers of four up to 64 Mi.
    static let amountBounds = (0...13).map { Double(1 << (2 * $0)) }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: [UInt64](repeating: 0, count: bounds.count + 1)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[bucket] &+= 1
            state.sum += value
        }
    }

    func write(_ labels: SeriesLabels, to exposition: inout Exposition) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        var total: UInt64 = 0
        for (count, bound) in zip(counts, bounds + [.infinity]) {
            total &+= count
            exposition.sample(suffix: "_bucket", labels: labels, bound: bound, value: Double(total))
        }
        exposition.sample(suffix: "_sum", labels: labels, value: sum)
        exposition.sample(suffix: "_count", labels: labels, value: Double(total))
    }
}
