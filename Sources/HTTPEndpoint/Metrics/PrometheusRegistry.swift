import Synchronization

/// The program's metrics, kept in memory and told in Prometheus' text format.
///
/// To be given to `MetricsSystem.bootstrap` once. Labels become names with the prefix (`smtp.messages` → `martlet_smtp_messages_total`).
/// Making a metric takes a lock; counting with it does not. Memory is bounded: a name has at most ``seriesLimit`` combinations of
/// label values, and what goes beyond is counted under one more, `overflow="true"`. A series once made stays.
package final class PrometheusRegistry: Sendable {
    private struct Family {
        let kind: MetricKind
        var series: [SeriesLabels: any MetricSeries] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var readings: [GaugeReading] = []
    }

    private let prefix: String
    private let help: [String: String]
    private let seriesLimit: Int
    private let familyLimit: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - prefix: before each name, with an underscore.
    ///   - help: a sentence for each metric, by its label as the program writes it.
    package init(
        prefix: String = "martlet", help: [String: String] = [:], seriesLimit: Int = 200, familyLimit: Int = 1000
    ) {
        self.prefix = prefix
        self.help = Dictionary(
            help.map { (MetricName.sanitised($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
        self.seriesLimit = seriesLimit
        self.familyLimit = familyLimit
    }

    /// Adds a gauge that is asked when the metrics are told; `read` must be quick and may answer nil for "unknown".
    package func addGauge(_ label: String, labels: [(String, String)] = [], read: @escaping @Sendable () -> Double?) {
        add(label, kind: .gauge, labels: labels, read: read)
    }

    /// The same for a number that only grows.
    package func addCounter(_ label: String, labels: [(String, String)] = [], read: @escaping @Sendable () -> Double?) {
        add(label, kind: .counter, labels: labels, read: read)
    }

    private func add(
        _ label: String, kind: MetricKind, labels: [(String, String)], read: @escaping @Sendable () -> Double?
    ) {
        let reading = GaugeReading(name: name(label, kind), kind: kind, labels: SeriesLabels(labels), read: read)
        state.withLock { $0.readings.append(reading) }
    }

    /// Everything in the text exposition format 0.0.4, in order of names.
    package func exposition() -> String {
        let (families, readings) = state.withLock { ($0.families, $0.readings) }
        var blocks: [String: Exposition] = [:]
        for (name, family) in families {
            var block = Exposition(name: name, kind: family.kind, help: help(for: name))
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) { series.write(labels, to: &block) }
            blocks[name] = block
        }
        for reading in readings {
            guard let value = reading.read() else { continue }
            blocks[
                reading.name, default: Exposition(name: reading.name, kind: reading.kind, help: help(for: reading.name))
            ]
            .sample(labels: reading.labels, value: value)
        }
        return blocks.sorted { $0.key < $1.key }.map(\.value.text).joined()
    }

    /// The series of a name and labels, made if it is new. Nil where the name already stands for another kind, or there are
    /// too many names: such a metric is counted by nobody.
    func series<Series: MetricSeries>(
        _ label: String, _ kind: MetricKind, _ dimensions: [(String, String)], make: () -> Series
    ) -> Series? {
        let name = name(label, kind)
        var labels = SeriesLabels(dimensions)
        return state.withLock { state in
            guard state.families[name] != nil || state.families.count < familyLimit else { return nil }
            var family = state.families[name] ?? Family(kind: kind)
            guard family.kind == kind else { return nil }
            if let known = family.series[labels] { return known as? Series }
            if family.series.count >= seriesLimit {
                labels = SeriesLabels([("overflow", "true")])
                if let known = family.series[labels] { return known as? Series }
            }
            let made = make()
            family.series[labels] = made
            state.families[name] = family
            return made
        }
    }

    private func name(_ label: String, _ kind: MetricKind) -> String {
        MetricName.full(prefix: prefix, label: label, kind: kind)
    }

    private func help(for name: String) -> String? {
        let plain = name.dropFirst(prefix.count + 1)
        return help.first { plain == $0.key || plain == "\($0.key)_total" || plain == "\($0.key)_seconds" }?.value
    }
}

private struct GaugeReading: Sendable {
    let name: String
    let kind: MetricKind
    let labels: SeriesLabels
    let read: @Sendable () -> Double?
}
