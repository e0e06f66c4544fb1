/// How far a conversion of the data folder has come; it may take minutes, and nobody can log in meanwhile.
package enum StoreProgress: Hashable, Sendable {
    /// Formats, and the bytes of the index.
    case begins(from: StoreFormat, to: StoreFormat, bytes: Int64)
    /// Where the snapshot is from which one can go back.
    case snapshot(String)
    /// A step that names itself; called often in long ones.
    case step(String, done: Int64, total: Int64)
    case ends(StoreFormat)
}
