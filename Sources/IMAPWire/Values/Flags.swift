package import MailModel

/// What STORE does with its flags (RFC 9051 §6.4.6).
package enum StoreAction: Hashable, Sendable {
    case replace
    case add
    case remove
}

/// STORE or UID STORE.
package struct StoreCommand: Hashable, Sendable {
    package var messages: MessageSet
    package var isUID: Bool
    package var action: StoreAction
    /// `.SILENT`: the client wants no FETCH of its own change.
    package var isSilent: Bool
    /// \Recent has been dropped by the parser; a client cannot set it.
    package var flags: MessageFlags
    /// Messages changed after this must be left alone and reported as MODIFIED (RFC 7162 §3.1.3).
    package var unchangedSince: UInt64?

    package init(
        messages: MessageSet, isUID: Bool, action: StoreAction, isSilent: Bool = false, flags: MessageFlags,
        unchangedSince: UInt64? = nil
    ) {
        self.messages = messages
        self.isUID = isUID
        self.action = action
        self.isSilent = isSilent
        self.flags = flags
        self.unchangedSince = unchangedSince
    }
}
