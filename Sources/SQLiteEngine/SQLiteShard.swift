import ContentStore
import Glibc
package import MailStore

/// A shard on SQLite in one data folder.
package typealias SQLiteShard = DatabaseShard

extension DatabaseShard {
    /// Opens the data folder, creating what is missing. Throws `locked`, naming the owner, if another process has it.
    package static func open(directory: String, options: StoreOptions) async throws(StoreError) -> SQLiteShard {
        let lock = try DataFolderLock.take(directory)
        let path = directory + "/store.sqlite"
        do throws(StoreError) {
            let files = options.waitsForDisk ? options.files : options.files.withoutWaiting
            try IndexExchange(directory: directory, files: files).finish()
            try checkIndex(directory: directory)
        } catch {
            lock.release()
            throw error
        }
        // SQLite gives its log the mode of the file.
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            let reason = String(cString: strerror(errno))
            lock.release()
            throw .unavailable("open \(path): \(reason)")
        }
        Glibc.close(file)
        do throws(StoreError) {
            let conversion = FormatConversion(directory: directory, options: options)
            // Before SQLite opens the log, which takes back what is behind a damaged frame.
            let findings = try await blocking { () throws(StoreError) in
                let findings = try asStoreError { () throws(SQLError) in
                    try WriteAheadLogOpening(database: path).inspect()
                }
                _ = try conversion.upgrade()
                return findings
            }
            if !options.verifyTellsOpening { for finding in findings { finding.log() } }
            let database = SQLiteDatabase(
                path: path, waitsForDisk: options.waitsForDisk, program: options.program,
                openingFindings: options.verifyTellsOpening ? findings.map(\.text) : [], now: options.now)
            return try await open(database, directory: directory, lock: lock, options: options)
        } catch {
            lock.release()
            throw error
        }
    }
}

/// Runs what blocks on a thread of its own.
func blocking<Result: Sendable>(
    _ body: @escaping @Sendable () throws(StoreError) -> Result
) async throws(StoreError) -> Result {
    let result: Swift.Result<Result, StoreError> = await withUnsafeContinuation { continuation in
        SystemThread.start(name: "store-format") {
            do throws(StoreError) {
                continuation.resume(returning: .success(try body()))
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
    }
    return try result.get()
}

extension DataFolderLock {
    /// Throws `locked`, naming the owner, if another process has the folder.
    static func take(_ directory: String) throws(StoreError) -> DataFolderLock {
        do {
            return try DataFolderLock(folder: directory)
        } catch let taken as DataFolderLock.Taken {
            let owner = taken.owner.map { "process \($0)" } ?? "another process"
            throw .locked("the data folder \(directory) is in use by \(owner)")
        } catch {
            throw .unavailable("\(error)")
        }
    }
}
