import ContentStore
import Glibc

/// Names and small files.
enum FolderListing {
    /// Of everything in the folder but itself and its parent; empty if there is none.
    static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// A small file; nil if there is none.
    static func bytes(of path: String) -> [UInt8]? {
        guard let length = ContentFolder.length(of: path), length <= 64 << 20 else { return nil }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return try? FileOperations.read(descriptor, at: 0, length: Int(length))
    }

    /// A folder of ours, which is two levels deep at most.
    static func remove(_ path: String) {
        for name in names(in: path) {
            let inner = path + "/" + name
            for file in names(in: inner) { unlink(inner + "/" + file) }
            if rmdir(inner) != 0 { unlink(inner) }
        }
        rmdir(path)
    }

    /// Bytes that may still be written where `path` is; nil if nobody knows.
    static func freeBytes(at path: String) -> Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int64(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }
}
