import Glibc

/// The stream that the log goes to.
enum StandardError {
    /// One write(2), repeated only where the system took a part. What cannot be written is lost: nobody could be told.
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(2, $0.baseAddress.map { $0 + written }, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            written += count
        }
    }

    /// Whether systemd has connected it to the journal: `JOURNAL_STREAM` then names its socket (systemd.exec(5)).
    static var isJournal: Bool {
        guard let value = getenv("JOURNAL_STREAM") else { return false }
        let inode = String(cString: value).split(separator: ":").last.map { String($0) }
        var target = [CChar](repeating: 0, count: 256)
        let count = readlink("/proc/self/fd/2", &target, target.count)
        guard count > 0, let inode else { return false }
        return String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) == "socket:[\(inode)]"
    }
}
