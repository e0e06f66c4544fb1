import Glibc

/// Decides which user a process works as.
///
/// Root may bind ports and read keys that nobody else may; the work itself needs none of that. So a process that root started
/// becomes an ordinary user before it opens the data folder:
///
/// * the one of `server.user`, if that is set;
/// * else whoever owns the data folder, so that root's commands leave no files there that its owner cannot open;
/// * else, for `serve`, the system user `martlet`; without one it refuses, since nobody said that root shall parse what
///   strangers send.
///
/// A demonstration or an administrative command on root's own folder goes on as root.
package struct RunAs: Sendable {
    package enum Purpose: Hashable, Sendable {
        case service, demonstration, administration
    }

    /// The user whose name is tried when none is set.
    static let usualName = "martlet"

    var current: SystemUser
    /// Nil: the folder is not there yet.
    var folderOwner: SystemUser?
    var find: @Sendable (String) -> SystemUser?

    package init(
        current: SystemUser, folderOwner: SystemUser?, find: @escaping @Sendable (String) -> SystemUser?
    ) {
        self.current = current
        self.folderOwner = folderOwner
        self.find = find
    }

    /// As this system has it.
    static func here(directory: String) -> RunAs {
        RunAs(current: .current, folderOwner: .owner(of: directory), find: { SystemUser.find($0) })
    }

    /// The user to become; nil to stay who one is.
    ///
    /// - Parameter setting: what `server.user` says.
    package func choose(
        _ setting: String?, for purpose: Purpose, directory: String
    ) throws(AdministrationFailure) -> SystemUser? {
        let chosen = try user(setting, for: purpose)
        let worker = chosen ?? current
        if let folderOwner, folderOwner.id != worker.id, !worker.isRoot || purpose == .service {
            throw AdministrationFailure(
                error: "notOwner",
                message: "the data folder \(directory) belongs to \(folderOwner), but this runs as \(worker)",
                remedy: current.isRoot
                    ? "give it to that user, as in `chown -R \(worker): \(directory)`, or set server.user: \(folderOwner)"
                    : "run as \(folderOwner), or give it to this user, as in `sudo chown -R \(worker): \(directory)`")
        }
        return chosen?.id == current.id ? nil : chosen
    }

    private func user(_ setting: String?, for purpose: Purpose) throws(AdministrationFailure) -> SystemUser? {
        guard current.isRoot else {
            if let setting, purpose != .administration, find(setting)?.id != current.id {
                throw AdministrationFailure(
                    error: "notRoot", message: "server.user is \(setting), but \(current) started the server",
                    remedy: "start it as root or as \(setting), or leave the key out")
            }
            return nil
        }
        if let setting {
            if let user = find(setting) { return user }
            throw AdministrationFailure(
                error: "noUser", message: "server.user is \(setting), but this system has no such user",
                remedy: "make one: useradd --system --home-dir /var/lib/martlet --shell /usr/sbin/nologin \(setting)")
        }
        if let folderOwner, !folderOwner.isRoot { return folderOwner }
        guard purpose == .service else { return nil }
        if let user = find(Self.usualName) { return user }
        throw AdministrationFailure(
            error: "root", message: "a server that root starts must be told which user to become",
            remedy:
                "make one: useradd --system --home-dir /var/lib/martlet --shell /usr/sbin/nologin \(Self.usualName); "
                + "or set server.user, to root if it shall stay root")
    }
}
