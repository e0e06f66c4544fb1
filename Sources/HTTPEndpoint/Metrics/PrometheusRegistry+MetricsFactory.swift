package import Metrics

/// What swift-metrics asks of a backend. A metric that finds no room gets a series of its own that nobody sees.
extension PrometheusRegistry: MetricsFactory {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, .counter, dimensions) { CounterSeries() } ?? CounterSeries()
    }

    package func makeFloatingPointCounter(label: String, dimensions: [(String, String)])
        -> any FloatingPointCounterHandler
    {
        series(label, .counter, dimensions) { GaugeSeries() } ?? GaugeSeries()
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, .gauge, dimensions) { GaugeSeries() } ?? GaugeSeries()
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if !aggregate { return series(label, .gauge, dimensions) { GaugeSeries() } ?? GaugeSeries() }
        let bounds = HistogramSeries.amountBounds
        return series(label, .histogram, dimensions) { HistogramSeries(bounds: bounds) }
            ?? HistogramSeries(bounds: bounds)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let bounds = HistogramSeries.secondsBounds
        return series(label, .timer, dimensions) { HistogramSeries(bounds: bounds) } ?? HistogramSeries(bounds: bounds)
    }

    // Series stay, so that a count does not fall back to zero: Prometheus would take that for a restart.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}
