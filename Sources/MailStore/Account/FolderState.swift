import MailModel

/// A folder's row and, while it is warm, its messages.
struct FolderValues: Sendable {
    var parent: FolderID?
    var name: String
    var kind: FolderKind
    var role: FolderRole?
    var isSubscribed: Bool
    var uidValidity: UInt32
    var uidNext: UInt32 = 1
    var messages: Int64 = 0
    var unseen: Int64 = 0
    var deleted: Int64 = 0
    var size: Int64 = 0
    var highestChange: Int64
    var propertiesChange: Int64
    /// Nil while cold.
    var snapshot: MailboxSnapshot?

    /// Counts a row in or, with -1, out.
    mutating func count(flags: SystemFlags, size bytes: Int64, by step: Int64) {
        messages += step
        if !flags.contains(.seen) { unseen += step }
        if flags.contains(.deleted) { deleted += step }
        size += step * bytes
    }
}

/// One folder in the hands of the writer. Only the thread that holds the account touches it.
final class FolderState {
    let id: FolderID
    var values: FolderValues
    /// Whether the row must be written at the end of the batch.
    var isDirty = false
    /// The last job that kept the former values.
    var savedIn: UInt64 = 0

    init(_ id: FolderID, _ values: FolderValues) {
        self.id = id
        self.values = values
    }

    var folder: Folder {
        Folder(
            id: id, parent: values.parent, name: values.name, kind: values.kind, role: values.role,
            isSubscribed: values.isSubscribed, uidValidity: values.uidValidity, uidNext: values.uidNext,
            messages: Int(values.messages), unseen: Int(values.unseen), deleted: Int(values.deleted), size: values.size,
            highestChange: ChangeNumber(values.highestChange), propertiesChange: ChangeNumber(values.propertiesChange))
    }
}
