import Glibc
import Synchronization

/// How much room there is on the disk of a folder, asked once a second, and oftener where it is short. What is kept free lets flags be set and mail
/// be removed on a disk that is too full for new mail.
package final class FreeSpace: Sendable {
    private let path: String
    private let minimum: Int64
    private let files: FileOperations
    private let seconds: @Sendable () -> Int64
    private let state = Mutex<(asked: Int64, free: Int64)>((.min, .max))

    /// - Parameters:
    ///   - minimum: bytes that new mail leaves free; 0 asks nothing.
    ///   - seconds: a clock that never goes back.
    package init(
        path: String, minimum: Int64, files: FileOperations,
        seconds: @escaping @Sendable () -> Int64 = FreeSpace.systemSeconds
    ) {
        self.path = path
        self.minimum = minimum
        self.files = files
        self.seconds = seconds
    }

    @Sendable package static func systemSeconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec)
    }

    /// Throws ENOSPC where `bytes` more would leave less than the minimum.
    package func check(for bytes: Int) throws(ContentError) {
        guard minimum > 0 else { return }
        let wanted = Int64(clamping: max(bytes, 0))
        var free = known()
        if free - wanted < minimum { free = ask() }
        guard free - wanted < minimum else {
            // What is let in counts until the disk is asked again: much mail fits into a second.
            state.withLock { $0.free -= min(wanted, $0.free) }
            return
        }
        throw .io("\(free >> 20) MB are free on the disk of \(path), \(minimum >> 20) MB are kept free", ENOSPC)
    }

    private func known() -> Int64 {
        let known = state.withLock { $0 }
        return known.asked == seconds() ? known.free : ask()
    }

    private func ask() -> Int64 {
        let now = seconds()
        // A disk that cannot be asked is full when it says so.
        let free = files.freeSpace(path) ?? .max
        state.withLock { $0 = (now, free) }
        return free
    }
}
