import Glibc

/// Whose a data folder is, and who else may look into it.
enum FolderOwnership {
    /// Makes a missing folder for `user`; folders on the way to it are root's, and open to all. For root.
    static func make(_ path: String, for user: SystemUser) throws(AdministrationFailure) {
        guard access(path, F_OK) != 0 else { return }
        var folder = path.hasPrefix("/") ? "" : "."
        for name in path.split(separator: "/").dropLast() {
            folder += "/\(name)"
            if mkdir(folder, 0o755) == 0 { chmod(folder, 0o755) }
        }
        guard mkdir(path, 0o700) == 0 else { throw failure(path, user) }
        // By descriptor: nobody can put another folder in its place meanwhile.
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, user) }
        defer { close(descriptor) }
        guard fchown(descriptor, user.id, user.group) == 0 else { throw failure(path, user) }
    }

    private static func failure(_ path: String, _ user: SystemUser) -> AdministrationFailure {
        AdministrationFailure(
            error: "unwritable",
            message: "the data folder \(path) cannot be made for \(user): \(String(cString: strerror(errno)))",
            remedy: "make it yourself: install -d -m 700 -o \(user) \(path)")
    }

    /// A sentence if others than its owner may look into the folder.
    static func exposure(of path: String) -> String? {
        guard let access = FileAccess(of: path), access.permissions & 0o077 != 0 else { return nil }
        return "others than its owner may enter the data folder \(path); `chmod 700 \(path)` ends that"
    }
}
