/// Why the store refused. Endpoints turn each case into their protocol's own reply; the texts are for the log.
package enum StoreError: Error, Hashable, Sendable {
    /// The folder, item, account or row does not exist (or not any more).
    case notFound(String)
    case alreadyExists(String)
    /// The account's quota would be exceeded.
    case overQuota
    /// A limit other than quota: keywords, folders, depth, name length, items in a folder.
    case limit(String)
    /// The operation makes no sense for this object, such as deleting INBOX.
    case notAllowed(String)
    /// Another session holds the lock.
    case locked(String)
    /// The disk is full, or nearly: nothing was changed; the same request may succeed when there is room again.
    case diskFull(String)
    /// I/O error, closing: nothing was changed; the same request may succeed later.
    case unavailable(String)
    /// Stored bytes fail their checksum or cannot be understood; `verify` says more.
    case damaged(String)

    /// Whether trying again later may help: a 4xx of SMTP, `[UNAVAILABLE]` or `[INUSE]` of IMAP.
    package var isTransient: Bool {
        switch self {
        case .diskFull, .unavailable, .locked, .overQuota: true
        default: false
        }
    }
}
