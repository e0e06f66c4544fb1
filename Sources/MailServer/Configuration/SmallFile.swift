import Glibc

/// Whole files of a known small size: configuration, certificates, keys.
enum SmallFile {
    /// Why a file could not be read or written, with what helps.
    struct Failure: Error, Hashable {
        let code: Int32

        var reason: String {
            switch code {
            case ENOENT: "there is no such file"
            case EACCES, EPERM: "permission denied"
            case EISDIR: "it is a folder"
            case EFBIG: "it is too large"
            default: String(cString: strerror(code))
            }
        }

        var remedy: String {
            switch code {
            case ENOENT: "Check the path."
            case EACCES, EPERM: "Let the user who runs the server read it."
            default: "Check that it is the right file."
            }
        }
    }

    /// - Parameter limit: bytes; a larger file is an error.
    static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw Failure(code: errno)
            }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw Failure(code: EFBIG) }
        }
    }

    /// Puts a file in place as a whole: a reader sees the old one or the new one, and it is on disk on return.
    static func replace(_ path: String, with bytes: [UInt8], mode: mode_t) throws(Failure) {
        let temporary = "\(path).new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let code = errno
                close(descriptor)
                unlink(temporary)
                throw Failure(code: code)
            }
            written += count
        }
        let isSafe = fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        guard isSafe, rename(temporary, path) == 0 else {
            let reason = isSafe ? errno : code
            unlink(temporary)
            throw Failure(code: reason)
        }
        syncFolder(of: path)
    }

    /// Makes the name `path` durable, as far as its folder allows.
    static func syncFolder(of path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
