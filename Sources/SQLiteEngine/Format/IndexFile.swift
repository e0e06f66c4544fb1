import ContentStore
import GRDB
import Glibc
import MailStore

/// The index as a file: of any format, in use by nobody.
struct IndexFile {
    static let name = "store.sqlite"

    let path: String

    init(_ path: String) { self.path = path }
    init(directory: String) { path = directory + "/" + Self.name }

    var exists: Bool { ContentFolder.length(of: path) != nil }
    var length: Int64 { ContentFolder.length(of: path) ?? 0 }

    /// What tells this file from all others, whatever its names; nil if there is none.
    var identity: UInt64? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    /// What the file's header says, if nothing is waiting in the log; nil if it has none.
    func formatInHeader() -> StoreFormat? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // The database file format, §1.3: the user version is at offset 60, big-endian.
        guard let bytes = try? FileOperations.read(descriptor, at: 60, length: 4), bytes.count == 4 else { return nil }
        return StoreFormat(stored: bytes.reduce(0) { $0 << 8 | Int64($1) })
    }

    /// Opens it, without settings. The caller closes the connection.
    func connect() throws(StoreError) -> SQLiteConnection {
        try asStoreError { () throws(SQLError) in try SQLiteDatabase.connect(path, Configuration()) }
    }

    /// Moves all that the log holds into the file, and removes the log: a log that stayed would be taken for that of the file
    /// that comes in this one's place.
    func settle(_ files: FileOperations) throws(StoreError) {
        let connection = try connect()
        try asStoreError { () throws(SQLError) in
            defer { connection.close() }
            guard try connection.values("PRAGMA wal_checkpoint(TRUNCATE)").first ?? "0" == "0" else {
                throw SQLError(.other, "another program has \(path) open")
            }
        }
        if let waiting = ContentFolder.length(of: path + "-wal"), waiting > 0 {
            throw .unavailable("another program has \(path) open")
        }
        removeCompanions()
        try storeErrors { () throws(ContentError) in
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw .io("open \(path)", errno) }
            defer { close(descriptor) }
            try files.sync(descriptor)
            try files.syncDirectory(folder)
        }
    }

    var folder: String { String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) }

    func removeCompanions() { for suffix in ["-wal", "-shm", "-journal"] { unlink(path + suffix) } }

    /// The file and what SQLite has put beside it.
    func remove() {
        unlink(path)
        removeCompanions()
    }

    /// Writes a copy to `target`, which must not exist. It is not synced.
    func copy(
        to target: IndexFile, _ files: FileOperations, progress: (_ done: Int64, _ total: Int64) -> Void
    ) throws(StoreError) {
        let total = length
        try storeErrors { () throws(ContentError) in
            let source = open(path, O_RDONLY | O_CLOEXEC)
            guard source >= 0 else { throw .io("open \(path)", errno) }
            defer { close(source) }
            let descriptor = try files.create(target.path)
            defer { close(descriptor) }
            var done = 0
            while true {
                let piece = try FileOperations.read(source, at: done, length: 4 << 20)
                guard !piece.isEmpty else { return }
                try piece.withRawBytes { bytes throws(ContentError) in try files.write(descriptor, bytes, done) }
                done += piece.count
                progress(Int64(done), total)
            }
        }
    }

    /// Puts this file, synced, in the place of `other`: the instant of commitment of whatever made it.
    func replace(_ other: IndexFile, _ files: FileOperations) throws(StoreError) {
        try storeErrors { () throws(ContentError) in
            let descriptor = open(path, O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else { throw .io("open \(path)", errno) }
            defer { close(descriptor) }
            FileOperations.giveToOwner(of: folder, path)
            try files.sync(descriptor)
            guard rename(path, other.path) == 0 else { throw .io("rename \(path)", errno) }
            try files.syncDirectory(folder)
        }
    }
}

/// Runs `body`; what the file system answers becomes a `StoreError`.
func storeErrors<Result>(_ body: () throws(ContentError) -> Result) throws(StoreError) -> Result {
    do {
        return try body()
    } catch {
        throw error.storeError
    }
}
