import CProcess

/// How the C library keeps the memory that the server gives back to it.
///
/// Left to itself it has up to eight heaps for each processor, and keeps for ever what was once a large buffer. Measured on two
/// processors: 96 MB when idle became 52, and what 1,000 slow readers left behind, 624 MB, became 90.
enum HeapPolicy {
    static func apply() { process_shape_heap() }

    /// Free bytes that may stay in the heaps, for whoever needs them next.
    private static let spare = 32 << 20

    /// Every half minute until cancelled. What a crowd of connections leaves behind lies between what others still use.
    static func trimNowAndThen() async {
        while (try? await Task.sleep(for: .seconds(30))) != nil { process_trim_heap(spare) }
    }
}
