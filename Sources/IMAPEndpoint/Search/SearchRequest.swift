package import IMAPWire
package import MailModel
package import MailStore

/// A SEARCH on one snapshot.
package struct SearchRequest: Sendable {
    package var snapshot: MailboxSnapshot
    package var key: SearchKey
    /// What the reply is to tell. Searching ends early where MIN or MAX alone are wanted. Nil: all numbers.
    package var returns: SearchReturn?
    package var isUID: Bool
    /// For OLDER and YOUNGER (RFC 5032 §3).
    package var now: Timestamp
    /// UIDs that are \Recent in this session (RFC 3501 §2.3.2).
    package var recent: UIDSet

    package init(
        snapshot: MailboxSnapshot, key: SearchKey, returns: SearchReturn? = nil, isUID: Bool = false, now: Timestamp,
        recent: UIDSet = UIDSet()
    ) {
        self.snapshot = snapshot
        self.key = key
        self.returns = returns
        self.isUID = isUID
        self.now = now
        self.recent = recent
    }

    /// Of a parsed command. Nil if its charset is none of those that a search may be written in: answer
    /// `ResponseCode.badCharset` (RFC 9051 §6.4.4).
    package init?(_ command: SearchCommand, in snapshot: MailboxSnapshot, now: Timestamp, recent: UIDSet = UIDSet()) {
        guard Self.supports(charset: command.charset) else { return nil }
        self.init(
            snapshot: snapshot, key: command.key, returns: command.returns, isUID: command.isUID, now: now,
            recent: recent)
    }

    /// The parser hands texts over as UTF-8, of which US-ASCII is a part.
    package static func supports(charset: String?) -> Bool {
        switch charset?.uppercased() {
        case nil, "UTF-8", "US-ASCII": true
        default: false
        }
    }
}

/// Where a search does its decoding and comparing, which may take milliseconds at a time.
package protocol SearchWorkers: Sendable {
    /// Runs `body` off the event loop; returns what it returns.
    func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result
    /// The same for the searches of one account, which take turns with those of others.
    func workers(for account: AccountID) -> any SearchWorkers
}

extension SearchWorkers {
    package func workers(for account: AccountID) -> any SearchWorkers { self }
}

/// What became of a SEARCH.
package struct SearchOutcome: Sendable {
    /// For `writeIMAPSearch` and `writeIMAPExtendedSearch`. Where MIN or MAX alone were asked, it has only these numbers.
    package internal(set) var result: SearchResult
    /// Message numbers whose content could not be read: they are not among the results.
    package internal(set) var failed = NumberSet()
    /// The first reason for `failed`, for the log.
    package internal(set) var failure: StoreError?

    /// The tagged reply. Messages that cannot be read do not spoil the search: clients discard the results of a NO.
    package var completion: (condition: Condition, code: ResponseCode?, text: String) {
        if failed.isEmpty { return (.ok, nil, "SEARCH completed") }
        return (.ok, nil, "SEARCH completed, but \(failed.count) messages could not be read")
    }
}

package enum SearchInterruption: Error, Sendable {
    /// The task was cancelled, or nobody wants the result any more.
    case cancelled
    /// Nothing could be looked up.
    case store(StoreError)
}
