import Synchronization

/// The frames decompressed last, for all readers of a folder together.
///
/// Whoever reads a large message piece by piece needs each frame several times in a row, but may stop for minutes between two
/// pieces, when a slow client has to take the first one. A frame kept by each reader would be 256 KB for each slow client.
package final class FrameCache: Sendable {
    struct Key: Hashable {
        let location: ContentLocation
        let frame: Int
    }

    private struct Entry {
        var bytes: [UInt8]
        var lastUse: UInt64
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var size = 0
        var uses: UInt64 = 0
    }

    /// Bytes kept.
    private let limit: Int
    private let state = Mutex(State())

    package init(limit: Int = 16 << 20) { self.limit = limit }

    subscript(_ key: Key) -> [UInt8]? {
        state.withLock { state in
            guard let bytes = state.entries[key]?.bytes else { return nil }
            state.uses += 1
            state.entries[key]?.lastUse = state.uses
            return bytes
        }
    }

    func add(_ bytes: [UInt8], for key: Key) {
        state.withLock { state in
            guard bytes.count <= limit, state.entries[key] == nil else { return }
            state.uses += 1
            state.entries[key] = Entry(bytes: bytes, lastUse: state.uses)
            state.size += bytes.count
            // A few dozen entries: looking at all of them costs less than decompressing one.
            while state.size > limit, let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
                state.entries[oldest.key] = nil
                state.size -= oldest.value.bytes.count
            }
        }
    }

    /// Bytes kept now.
    package var size: Int { state.withLock { $0.size } }
}
