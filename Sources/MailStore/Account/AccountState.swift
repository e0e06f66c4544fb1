import MailModel

/// An account's own row: what every change of the account goes through.
struct AccountValues {
    var record: AccountRecord
    /// The counter that folders and items share.
    var nextID: Int64
    /// The last change number taken.
    var change: Int64
    /// The lowest change number after which the log is complete.
    var logFloor: Int64
    /// Grows by one for each folder ever made, so that no two have had the same UIDVALIDITY.
    var nextValidity: UInt32
    /// Of living mail.
    var bytes: Int64
    var messages: Int64
    var keywords: KeywordTable
    var folders: [Int64: FolderState]
    var orphanSubscriptions: Set<String>
}

/// One account in the hands of the writer. Only the thread that holds the account touches it.
final class AccountState {
    let id: AccountID
    var values: AccountValues
    var isDirty = false
    /// The last job that kept the former values.
    var savedIn: UInt64 = 0
    /// Batch number of the last use, for choosing whom to forget.
    var lastUse: UInt64 = 0

    /// Folders an account may have.
    static let maximumFolders = 20_000
    /// Levels below the top.
    static let maximumDepth = 64

    init(_ id: AccountID, _ values: AccountValues) {
        self.id = id
        self.values = values
    }

    func folder(_ id: FolderID) throws(StoreError) -> FolderState {
        guard let folder = values.folders[id.rawValue] else { throw .notFound("folder \(id)") }
        return folder
    }

    func takeID() throws(StoreError) -> Int64 {
        guard values.nextID < identifierLimit else { throw .limit("the account has used up its ids") }
        defer { values.nextID += 1 }
        return values.nextID
    }

    func takeChange() throws(StoreError) -> Int64 {
        guard values.change + 1 < identifierLimit else { throw .limit("the account has used up its change numbers") }
        values.change += 1
        return values.change
    }

    func takeValidity() -> UInt32 {
        defer { values.nextValidity &+= 1 }
        return values.nextValidity
    }

    /// Living bytes may grow by `bytes`.
    func checkQuota(_ bytes: Int64) throws(StoreError) {
        if let limit = values.record.quota, values.bytes + bytes > limit { throw .overQuota }
    }

    var usage: QuotaUsage {
        QuotaUsage(bytes: values.bytes, messages: values.messages, limit: values.record.quota)
    }

    var sortedFolders: [Folder] { Folder.parentsFirst(values.folders.values.map(\.folder)) }
}

extension Folder {
    /// Parents before children, otherwise by id.
    static func parentsFirst(_ folders: some Collection<Folder>) -> [Folder] {
        let byParent = Dictionary(grouping: folders, by: \.parent)
        var ordered: [Folder] = []
        var level = byParent[nil] ?? []
        while !level.isEmpty {
            level.sort { $0.id < $1.id }
            ordered.append(contentsOf: level)
            level = level.flatMap { byParent[$0.id] ?? [] }
        }
        return ordered
    }
}
