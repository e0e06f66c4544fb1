import Glibc

/// Which permission a file lacks, for whoever has to grant it.
enum ReadPermission {
    /// A sentence that names the file or the folder on the way that this process may not use, and the command that changes it;
    /// nil if nothing is missing, or nothing can be found.
    static func missing(for path: String, user: SystemUser = .current) -> String? {
        guard access(path, R_OK) != 0, errno == EACCES else { return nil }
        return missing(path, user, links: 8)
    }

    private static func missing(_ path: String, _ user: SystemUser, links: Int) -> String? {
        var folder = path.hasPrefix("/") ? "/" : "."
        let names = path.split(separator: "/")
        for name in names.dropLast() {
            guard access(folder, X_OK) == 0 else { return refused(folder, "x", "enter the folder", user) }
            folder = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
        }
        guard access(folder, X_OK) == 0 else { return refused(folder, "x", "enter the folder", user) }
        // Certificate tools keep a link to the newest file, which may be behind other doors.
        if links > 0, let target = target(of: path) {
            return missing(target.hasPrefix("/") ? target : "\(folder)/\(target)", user, links: links - 1)
        }
        return access(path, R_OK) == 0 ? nil : refused(path, "r", "read", user)
    }

    private static func refused(_ path: String, _ right: String, _ what: String, _ user: SystemUser) -> String {
        "\(user) may not \(what) \(path): `setfacl -m u:\(user):\(right) \(path)` allows it."
    }

    private static func target(of path: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
            guard let memory = buffer.baseAddress else { return nil }
            let count = readlink(path, memory, buffer.count)
            guard count > 0 else { return nil }
            return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
