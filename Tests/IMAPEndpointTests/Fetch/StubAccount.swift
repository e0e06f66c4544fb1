import MailModel
import MailStore
import MessageFormat
import NIOCore

/// An account that only reads: messages in memory, with the failures a test wants.
final class StubAccount: AccountStore {
    struct Message: Sendable {
        var bytes: ByteBuffer
        /// Nil: the item is gone. `[0]`: a summary that nobody can decode.
        var summary: [UInt8]?
        /// Reads that reach this offset fail.
        var damagedFrom: Int?
        /// Reads give this many bytes at most.
        var shortReads: Int?

        init(_ bytes: ByteBuffer) {
            self.bytes = bytes
            summary = MessageSummary.make(from: MessageStructure.parse(bytes), bytes: bytes).encode()
        }
    }

    let id = AccountID(1)
    let messages: [ItemID: Message]
    let isUnavailable: Bool

    init(_ messages: [ItemID: Message], isUnavailable: Bool = false) {
        self.messages = messages
        self.isUnavailable = isUnavailable
    }

    func content(of item: ItemID) async throws(StoreError) -> any ContentReader {
        guard !isUnavailable else { throw .unavailable("closing") }
        guard let message = messages[item], message.summary != nil else { throw .notFound("item \(item)") }
        return Reader(message)
    }

    func summaries(of items: [ItemID]) async throws(StoreError) -> [[UInt8]?] {
        guard !isUnavailable else { throw .unavailable("closing") }
        return items.map { messages[$0]?.summary }
    }

    func identities(of items: [ItemID]) async throws(StoreError) -> [ItemIdentity?] {
        items.map { item in
            messages[item] == nil
                ? nil
                : ItemIdentity(
                    email: EmailID(item.rawValue + 1000), thread: ThreadID(item.rawValue + 2000),
                    saved: Timestamp(seconds: 837_596_665), uidl: "\(item)")
        }
    }

    private final class Reader: ContentReader {
        let message: Message
        init(_ message: Message) { self.message = message }
        var size: Int { message.bytes.readableBytes }

        func read(at offset: Int, length: Int) async throws(StoreError) -> ByteBuffer {
            let end = min(offset + min(length, message.shortReads ?? length), size)
            if let damaged = message.damagedFrom, end > damaged { throw .damaged("checksum") }
            return message.bytes.getSlice(at: message.bytes.readerIndex + offset, length: end - offset) ?? ByteBuffer()
        }
    }

    // MARK: What reading needs not

    func folders() async throws(StoreError) -> [Folder] { [] }
    func folder(_ id: FolderID) async throws(StoreError) -> Folder { throw .notFound("folder") }
    func createFolder(
        named name: String, in parent: FolderID, kind: FolderKind, role: FolderRole?
    ) async throws(StoreError) -> Folder { throw .notAllowed("") }
    func renameFolder(_ id: FolderID, to name: String, in parent: FolderID) async throws(StoreError) {}
    func deleteFolder(_ id: FolderID) async throws(StoreError) {}
    func setSubscribed(_ subscribed: Bool, folder: FolderID) async throws(StoreError) {}
    func orphanSubscriptions() async throws(StoreError) -> [String] { [] }
    func setOrphanSubscription(_ path: String, subscribed: Bool) async throws(StoreError) {}
    func mailbox(_ folder: FolderID) async throws(StoreError) -> MailboxSnapshot { throw .notFound("folder") }
    func append(_ messages: [NewMessage], to folder: FolderID) async throws(StoreError) -> AppendResult {
        throw .notAllowed("")
    }
    func changeFlags(
        _ change: FlagChange, of uids: UIDSet, in folder: FolderID, unchangedSince: ChangeNumber?
    ) async throws(StoreError) -> FlagChangeResult { throw .notAllowed("") }
    func copy(_ uids: UIDSet, from source: FolderID, to destination: FolderID) async throws(StoreError) -> CopyResult {
        throw .notAllowed("")
    }
    func move(_ uids: UIDSet, from source: FolderID, to destination: FolderID) async throws(StoreError) -> CopyResult {
        throw .notAllowed("")
    }
    func expunge(_ uids: UIDSet, in folder: FolderID, onlyDeleted: Bool) async throws(StoreError) -> UIDSet {
        throw .notAllowed("")
    }
    func recoverable(limit: Int) async throws(StoreError) -> [RecoverableItem] { [] }
    func undelete(_ items: [ItemID]) async throws(StoreError) -> Int { 0 }
    func changes(since: ChangeNumber, limit: Int) async throws(StoreError) -> [Change]? { [] }
    func subscribe(to folder: FolderID?, _ handler: @escaping @Sendable () -> Void) -> StoreSubscription {
        StoreSubscription {}
    }
    func quota() async throws(StoreError) -> QuotaUsage { QuotaUsage(bytes: 0, messages: 0, limit: nil) }
    func lock(_ folder: FolderID) -> FolderLock? { nil }
}
