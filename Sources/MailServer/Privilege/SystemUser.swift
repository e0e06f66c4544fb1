import Glibc

/// A user of this system, to run as.
package struct SystemUser: Hashable, Sendable, CustomStringConvertible {
    /// Nil: a number without an entry in the user database, as in containers.
    package let name: String?
    package let id: UInt32
    package let group: UInt32

    package init(name: String?, id: UInt32, group: UInt32) {
        self.name = name
        self.id = id
        self.group = group
    }

    package var isRoot: Bool { id == 0 }

    package var description: String { name ?? String(id) }

    /// Who runs this process.
    package static var current: SystemUser {
        SystemUser(name: find(number: geteuid())?.name, id: geteuid(), group: getegid())
    }

    /// By name, or by number if no user has that name.
    package static func find(_ text: String) -> SystemUser? {
        if let user = entry({ getpwnam_r(text, $0, $1, $2, $3) }) { return user }
        return uid_t(text).flatMap { find(number: $0) }
    }

    /// The owner of a file or folder; nil if there is none such. A number without an entry comes with the file's group.
    package static func owner(of path: String) -> SystemUser? {
        guard let access = FileAccess(of: path) else { return nil }
        return find(number: access.user) ?? SystemUser(name: nil, id: access.user, group: access.group)
    }

    private static func find(number: uid_t) -> SystemUser? { entry { getpwuid_r(number, $0, $1, $2, $3) } }

    private static func entry(
        _ ask: (
            UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> Int32
    ) -> SystemUser? {
        var found = passwd()
        var result: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
            guard let memory = buffer.baseAddress, ask(&found, memory, buffer.count, &result) == 0, result != nil else {
                return nil
            }
            return SystemUser(name: String(cString: found.pw_name), id: found.pw_uid, group: found.pw_gid)
        }
    }
}
