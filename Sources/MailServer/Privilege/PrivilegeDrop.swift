import CProcess
import Glibc

/// Gives up root, for good.
enum PrivilegeDrop {
    /// Becomes `user` with the user's own groups, and makes sure that there is no way back.
    ///
    /// The C library does it in all threads but those that are ending, and the first thread of a Swift program ends for ever.
    /// So a server must have this one thread only; a command that soon ends need not.
    static func become(_ user: SystemUser, alone: Bool = true) throws(AdministrationFailure) {
        guard !alone || process_threads() == 1 else { throw failure(user, "it has other threads already") }
        // Groups first: afterwards it would no longer be allowed.
        let areGroupsSet: Bool
        if let name = user.name {
            areGroupsSet = initgroups(name, user.group) == 0
        } else {
            var groups = [user.group]
            areGroupsSet = setgroups(groups.count, &groups) == 0
        }
        guard areGroupsSet, process_become(user.id, user.group) == 0 else {
            throw failure(user, String(cString: strerror(errno)))
        }
        guard process_is(user.id, user.group) == 1 else { throw failure(user, "the system did not do it") }
        guard user.isRoot || (setuid(0) != 0 && seteuid(0) != 0) else {
            throw failure(user, "the process can still become root")
        }
    }

    /// Gives up what a service manager may have granted an ordinary user to bind ports (AmbientCapabilities= of systemd).
    static func dropCapabilities() {
        // Root without them would be no root; whoever stays root wants it.
        if geteuid() != 0 { _ = process_drop_capabilities() }
    }

    private static func failure(_ user: SystemUser, _ reason: String) -> AdministrationFailure {
        AdministrationFailure(
            error: "privilege", message: "the server cannot become \(user): \(reason)",
            remedy: "let it keep CAP_SETUID and CAP_SETGID until it has started, or start it as \(user)")
    }
}
