import Glibc

/// What Linux knows about this process, as gauges.
package enum ProcessMetrics {
    /// Adds `process_resident_bytes`, `process_open_files`, `process_threads` and `process_cpu` (seconds) to a registry.
    package static func add(to registry: PrometheusRegistry) {
        registry.addGauge("process_resident_bytes") {
            statistic(21).map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) }
        }
        registry.addGauge("process_threads") { statistic(17) }
        registry.addCounter("process_cpu_seconds") {
            guard let user = statistic(11), let system = statistic(12) else { return nil }
            return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        }
        registry.addGauge("process_open_files") { openFiles() }
    }

    /// A field of /proc/self/stat, counted from 0 at the state, which proc(5) calls the third.
    private static func statistic(_ index: Int) -> Double? {
        let descriptor = open("/proc/self/stat", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return nil }
        // The name in parentheses may hold anything, so fields are counted after the last one.
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split { $0 == " " || $0 == "\n" }
        return fields.indices.contains(index) ? Double(fields[index]) : nil
    }

    private static func openFiles() -> Double? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Without `.`, `..` and the descriptor of this very look.
        return Double(max(count - 3, 0))
    }
}
