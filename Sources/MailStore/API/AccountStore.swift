package import MailModel
package import NIOCore

/// All access to one account's folders and messages, whoever asks: every protocol serves from these rows.
///
/// Methods may be called from any task; each that changes something returns after its commit is durable, and throws
/// without having changed anything. Reads come from memory where the folder is warm and never block an event loop.
package protocol AccountStore: AnyObject, Sendable {
    var id: AccountID { get }

    // MARK: Folders

    /// All folders, hidden ones included, parents before children.
    func folders() async throws(StoreError) -> [Folder]
    func folder(_ id: FolderID) async throws(StoreError) -> Folder
    /// `name` is one level; normalised to NFC. Children of `SystemFolder.top` are the top level of mail protocols.
    func createFolder(named name: String, in parent: FolderID, kind: FolderKind, role: FolderRole?)
        async throws(StoreError) -> Folder
    /// Renames or moves a folder with its subtree.
    func renameFolder(_ id: FolderID, to name: String, in parent: FolderID) async throws(StoreError)
    /// Deletes the folder, which must have no children; its messages become recoverable.
    func deleteFolder(_ id: FolderID) async throws(StoreError)
    func setSubscribed(_ subscribed: Bool, folder: FolderID) async throws(StoreError)
    /// Subscribed names that no folder bears (RFC 9051 §6.3.7), full paths separated by `/`.
    func orphanSubscriptions() async throws(StoreError) -> [String]
    func setOrphanSubscription(_ path: String, subscribed: Bool) async throws(StoreError)

    // MARK: Messages

    /// The newest snapshot; the folder is loaded on first use and kept while in use.
    func mailbox(_ folder: FolderID) async throws(StoreError) -> MailboxSnapshot
    /// Stores the messages in one commit, in order.
    func append(_ messages: [NewMessage], to folder: FolderID) async throws(StoreError) -> AppendResult
    /// Changes flags of those of `uids` that exist, in one commit. With `unchangedSince`, rows with a larger change
    /// number are left alone and reported (RFC 7162 §3.1.3). Rows already as wanted take no change number.
    func changeFlags(
        _ change: FlagChange, of uids: UIDSet, in folder: FolderID, unchangedSince: ChangeNumber?
    ) async throws(StoreError) -> FlagChangeResult
    /// Copies keep `email_id` and `thread_id`, flags, keywords and INTERNALDATE, and mint an id and a UID.
    func copy(_ uids: UIDSet, from source: FolderID, to destination: FolderID) async throws(StoreError) -> CopyResult
    /// As copy; the originals leave only tombstones (RFC 6851).
    func move(_ uids: UIDSet, from source: FolderID, to destination: FolderID) async throws(StoreError) -> CopyResult
    /// The one deletion: rows become recoverable. With `onlyDeleted`, those with \Deleted (EXPUNGE, UID EXPUNGE).
    func expunge(_ uids: UIDSet, in folder: FolderID, onlyDeleted: Bool) async throws(StoreError) -> UIDSet
    /// What was deleted and can be had back, newest first.
    func recoverable(limit: Int) async throws(StoreError) -> [RecoverableItem]
    /// Brings rows back under new ids and UIDs, into their folder or, if that is gone, the inbox.
    func undelete(_ items: [ItemID]) async throws(StoreError) -> Int

    // MARK: Content

    /// The message's bytes, to be read in pieces; small ones are already in memory.
    func content(of item: ItemID) async throws(StoreError) -> any ContentReader
    /// `MessageSummary` bytes of each item, in order; nil where the item is gone. One round trip for the batch.
    ///
    /// May answer for the first few only: hostile messages have summaries of megabytes, and no more than one megabyte is
    /// gathered behind the first.
    func summaries(of items: [ItemID]) async throws(StoreError) -> [[UInt8]?]
    /// Ids that IMAP's OBJECTID and POP3's UIDL show, in order; nil where the item is gone.
    func identities(of items: [ItemID]) async throws(StoreError) -> [ItemIdentity?]

    // MARK: Changes

    /// Entries after `since`, oldest first. Nil if `since` is older than the log reaches: the client starts anew.
    func changes(since: ChangeNumber, limit: Int) async throws(StoreError) -> [Change]?
    /// Calls `handler` after each commit that touched `folder` (any, if nil). The handler runs on the writer's thread: it
    /// must only wake somebody. Ends when the subscription is cancelled or released.
    func subscribe(to folder: FolderID?, _ handler: @escaping @Sendable () -> Void) -> StoreSubscription

    // MARK: Limits and locks

    func quota() async throws(StoreError) -> QuotaUsage
    /// Exclusive use of a folder by one POP3 session (RFC 1939 §4); nil if another has it.
    func lock(_ folder: FolderID) -> FolderLock?
}

/// A message to be stored.
package struct NewMessage: Sendable {
    package var message: StagedMessage
    package var flags: MessageFlags
    /// INTERNALDATE.
    package var received: Timestamp
    package var envelopeSender: String?
    package var envelopeRecipient: String?

    package init(
        _ message: StagedMessage, flags: MessageFlags = MessageFlags(), received: Timestamp,
        envelopeSender: String? = nil, envelopeRecipient: String? = nil
    ) {
        self.message = message
        self.flags = flags
        self.received = received
        self.envelopeSender = envelopeSender
        self.envelopeRecipient = envelopeRecipient
    }
}

package struct AppendResult: Hashable, Sendable {
    package let uidValidity: UInt32
    package let uids: [UInt32]
    package let items: [ItemID]
    package let change: ChangeNumber
    package init(uidValidity: UInt32, uids: [UInt32], items: [ItemID], change: ChangeNumber) {
        self.uidValidity = uidValidity
        self.uids = uids
        self.items = items
        self.change = change
    }
}

package enum FlagChange: Hashable, Sendable {
    case add(MessageFlags)
    case remove(MessageFlags)
    case replace(MessageFlags)
}

package struct FlagChangeResult: Hashable, Sendable {
    /// The change number that the changed rows took; nil if none changed.
    package let change: ChangeNumber?
    package let changed: UIDSet
    /// Left alone because of `unchangedSince`.
    package let modified: UIDSet
    package init(change: ChangeNumber?, changed: UIDSet, modified: UIDSet) {
        self.change = change
        self.changed = changed
        self.modified = modified
    }
}

/// COPYUID (RFC 4315 §3): `source[i]` became `destination[i]`.
package struct CopyResult: Hashable, Sendable {
    package let uidValidity: UInt32
    package let source: [UInt32]
    package let destination: [UInt32]
    package init(uidValidity: UInt32, source: [UInt32], destination: [UInt32]) {
        self.uidValidity = uidValidity
        self.source = source
        self.destination = destination
    }
}

package struct ItemIdentity: Hashable, Sendable {
    package let email: EmailID
    package let thread: ThreadID
    /// When the row came into its folder (RFC 8514 SAVEDATE).
    package let saved: Timestamp
    /// POP3's UIDL: the row id unless an import gave another.
    package let uidl: String
    package init(email: EmailID, thread: ThreadID, saved: Timestamp, uidl: String) {
        self.email = email
        self.thread = thread
        self.saved = saved
        self.uidl = uidl
    }
}

package struct RecoverableItem: Hashable, Sendable {
    package let item: ItemID
    package let folder: FolderID
    package let size: Int64
    package let deleted: Timestamp
    package init(item: ItemID, folder: FolderID, size: Int64, deleted: Timestamp) {
        self.item = item
        self.folder = folder
        self.size = size
        self.deleted = deleted
    }
}

/// One line of the change log.
package struct Change: Hashable, Sendable {
    package enum Object: Int, Sendable { case folder = 0, item = 1 }
    package enum Operation: Int, Sendable { case create = 0, update = 1, move = 2, delete = 3, readState = 4 }
    package let number: ChangeNumber
    package let object: Object
    package let operation: Operation
    package let id: Int64
    package let folder: FolderID?
    package let oldFolder: FolderID?
    package let uid: UInt32?
    package let email: EmailID?
    package init(
        number: ChangeNumber, object: Object, operation: Operation, id: Int64, folder: FolderID?, oldFolder: FolderID?,
        uid: UInt32?, email: EmailID?
    ) {
        self.number = number
        self.object = object
        self.operation = operation
        self.id = id
        self.folder = folder
        self.oldFolder = oldFolder
        self.uid = uid
        self.email = email
    }
}

/// Bytes are those of living mail; recoverable mail is outside.
package struct QuotaUsage: Hashable, Sendable {
    package let bytes: Int64
    package let messages: Int64
    /// Nil: no limit.
    package let limit: Int64?
    package init(bytes: Int64, messages: Int64, limit: Int64?) {
        self.bytes = bytes
        self.messages = messages
        self.limit = limit
    }
}

/// Ends a subscription when cancelled or released.
package final class StoreSubscription: Sendable {
    private let onCancel: @Sendable () -> Void
    package init(onCancel: @escaping @Sendable () -> Void) { self.onCancel = onCancel }
    package func cancel() { onCancel() }
    deinit { onCancel() }
}

/// Holds a folder for one session until released.
package final class FolderLock: Sendable {
    private let onRelease: @Sendable () -> Void
    package init(onRelease: @escaping @Sendable () -> Void) { self.onRelease = onRelease }
    package func release() { onRelease() }
    deinit { onRelease() }
}

/// A stored message's bytes.
package protocol ContentReader: AnyObject, Sendable {
    /// In bytes, uncompressed.
    var size: Int { get }
    /// Up to `length` bytes from `offset`; fewer only at the end. Ask for at most a megabyte at a time.
    func read(at offset: Int, length: Int) async throws(StoreError) -> ByteBuffer
}
