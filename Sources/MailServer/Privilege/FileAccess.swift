import CProcess

/// Whose a file or folder is, and who may do what with it.
struct FileAccess: Hashable, Sendable {
    let user: UInt32
    let group: UInt32
    /// The lower twelve bits of its mode.
    let permissions: UInt32

    /// Through symbolic links; nil if there is none.
    init?(of path: String) {
        var (user, group, permissions) = (UInt32(0), UInt32(0), UInt32(0))
        guard process_look_at(path, &user, &group, &permissions) == 0 else { return nil }
        self.user = user
        self.group = group
        self.permissions = permissions
    }
}
