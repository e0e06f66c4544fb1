import Glibc
import Synchronization

/// One process owns a data folder (flock on its file `lock`, which says who).
package final class DataFolderLock: Sendable {
    /// The folder is another's.
    package struct Taken: Error, Sendable {
        /// Nil where the owner has not written it yet.
        package let owner: Int32?
    }

    private let descriptor: Mutex<Int32>

    /// Creates the folder (mode 0700) and the file. Throws `Taken` or `ContentError`.
    package init(folder: String) throws {
        if mkdir(folder, 0o700) != 0, errno != EEXIST { throw ContentError.io("create \(folder)", errno) }
        let path = folder + "/lock"
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw ContentError.io("open \(path)", errno) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            defer { close(opened) }
            guard reason == EWOULDBLOCK else { throw ContentError.io("lock \(path)", reason) }
            throw Taken(owner: Self.owner(opened))
        }
        descriptor = Mutex(opened)
        let text = Array("\(getpid())\n".utf8)
        ftruncate(opened, 0)
        _ = pwrite(opened, text, text.count, 0)
    }

    private static func owner(_ descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes.prefix(count).prefix { $0 != 0x0A }, as: UTF8.self))
    }

    /// The folder is free for the next owner.
    package func release() {
        let opened = descriptor.withLock { descriptor in
            defer { descriptor = -1 }
            return descriptor
        }
        if opened >= 0 { close(opened) }
    }

    deinit { release() }
}
