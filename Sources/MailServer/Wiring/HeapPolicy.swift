import CProcess

/// How the C library keeps the memory that the server gives back to it.
///
/// Left to itself it has up to eight heaps for each processor, and keeps for ever what was once a large buffer. Measured on two
/// processors: 96 MB when idle became 52, and what 1,000 slow readers left behind, 624 MB, became 90.
enum HeapPolicy {
    static func apply() { process_shape_heap() }
}
