package import IMAPWire
package import MailStore

/// A FETCH whose messages have been looked up.
package struct FetchRequest: Sendable {
    /// What the client knows of the folder; its sequence numbers are used.
    package var snapshot: MailboxSnapshot
    package var rows: RowSelection
    package var attributes: [FetchAttribute]
    /// UID FETCH: the reply names the UID whether asked for or not (RFC 9051 §6.4.9).
    package var isUID: Bool
    /// Only messages with a larger change number; their MODSEQ is told (RFC 7162 §3.1.4.1).
    package var changedSince: UInt64?
    /// UIDs that are \Recent in this session (RFC 3501 §2.3.2).
    package var recent: UIDSet
    /// Whether the client has enabled UTF-8 (IMAP4rev2 or UTF8=ACCEPT).
    package var allowsUTF8: Bool

    package init(
        snapshot: MailboxSnapshot, rows: RowSelection, attributes: [FetchAttribute], isUID: Bool = false,
        changedSince: UInt64? = nil, recent: UIDSet = UIDSet(), allowsUTF8: Bool = false
    ) {
        self.snapshot = snapshot
        self.rows = rows
        self.attributes = attributes
        self.isUID = isUID
        self.changedSince = changedSince
        self.recent = recent
        self.allowsUTF8 = allowsUTF8
    }

    /// Of a parsed command. Nil if it names a message number that is not in use: answer BAD.
    package init?(
        _ command: FetchCommand, in snapshot: MailboxSnapshot, recent: UIDSet = UIDSet(), allowsUTF8: Bool = false
    ) {
        guard let rows = RowSelection(command.messages, isUID: command.isUID, in: snapshot) else { return nil }
        self.init(
            snapshot: snapshot, rows: rows, attributes: command.attributes, isUID: command.isUID,
            changedSince: command.changedSince, recent: recent, allowsUTF8: allowsUTF8)
    }
}
