import Glibc
import Logging

/// How many files and sockets this process may have open, and how many connections that allows.
///
/// Peers must never take the descriptors that the store needs: a spool or segment file for each message that comes or goes,
/// the database's, the listeners', and the socket of the administration.
enum DescriptorLimit {
    /// For what is there without any connection.
    private static let reserve = 256

    /// Raises the limit as far as the system allows and says what connections may be had: `wanted` or fewer.
    static func connections(wanted: Int, logger: Logger) -> Int {
        let allowed = raise()
        let possible = possible(descriptors: allowed)
        logger.info("open files", metadata: ["limit": "\(allowed)", "connections": "\(min(wanted, possible))"])
        guard possible < wanted else { return wanted }
        logger.warning(
            "limits.connections is more than the limit of open files allows, and was lowered",
            metadata: [
                "wanted": "\(wanted)", "possible": "\(possible)", "limit": "\(allowed)",
                "remedy":
                    "raise the hard limit of open files (LimitNOFILE= in a systemd unit) to \(wanted * 2 + reserve), or lower limits.connections",
            ])
        return possible
    }

    /// A connection may need two: its socket and a file.
    static func possible(descriptors: Int) -> Int { max((descriptors - reserve) / 2, 16) }

    /// The limit in force, after raising it to the hard one.
    private static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
