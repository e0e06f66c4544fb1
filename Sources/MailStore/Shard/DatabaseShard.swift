package import ContentStore
package import MailModel
import Synchronization

/// A shard on a database engine: one writer, several readers, content beside it.
package final class DatabaseShard: Shard {
    let options: StoreOptions
    let writer = StoreWriter()
    let readers: Readers
    let content: ContentFolder
    private let intake: IntakePool
    private let handles = AccountHandles()
    private let closed = OnceFlag()
    /// Held while the shard is open.
    private let folderLock: DataFolderLock

    package let directory: any DirectoryStore
    package let queue: any QueueStore
    package let traces: any TraceStore

    private init(
        _ database: any SQLDatabase, _ content: ContentFolder, _ lock: DataFolderLock, _ options: StoreOptions,
        _ subscribers: Subscribers<DirectoryChange>
    ) {
        self.options = options
        self.content = content
        folderLock = lock
        readers = Readers(database, threads: options.readers)
        intake = IntakePool(
            folder: content, threads: options.intakeThreads,
            room: FreeSpace(path: content.path, minimum: options.minimumFreeSpace, files: content.files),
            trouble: DiskTrouble("new mail", directory: content.path, now: options.now))
        directory = DatabaseDirectory(writer: writer, readers: readers, subscribers: subscribers, now: options.now)
        queue = DatabaseQueue(readers: readers)
        traces = DatabaseTraces(writer: writer, readers: readers)
    }

    /// Opens the data folder, whose lock the caller has taken, and puts in order what a crash has left.
    package static func open(
        _ database: any SQLDatabase, directory: String, lock: DataFolderLock, options: StoreOptions
    ) async throws(StoreError) -> DatabaseShard {
        let content: ContentFolder
        let files = options.waitsForDisk ? options.files : options.files.withoutWaiting
        do throws(ContentError) {
            content = try ContentFolder(path: directory, files: files, objectThreshold: options.objectThreshold)
        } catch {
            throw error.storeError
        }
        let subscribers = Subscribers<DirectoryChange>()
        let shard = DatabaseShard(database, content, lock, options, subscribers)
        let handles = shard.handles
        do throws(StoreError) {
            try await shard.writer.start { () throws(StoreError) in
                let connection = try asStoreError { () throws(SQLError) in try database.openWriter() }
                return try connection.access { () throws(StoreError) in
                    let opening = ShardOpening(
                        connection: connection, content: content, options: options, dialect: database.dialect)
                    return WriteBatch(
                        connection: connection, segments: try opening.segments(), options: options,
                        counters: try opening.counters(), handles: handles, directorySubscribers: subscribers)
                }
            }
        } catch {
            shard.readers.close()
            shard.intake.close()
            throw error
        }
        return shard
    }

    package func account(_ id: AccountID) async throws(StoreError) -> any AccountStore {
        if let known = handles.existing(id) {
            // Gone, or not yet filled by the commit that makes it.
            if known.published.isReady { return known }
        }
        let (writer, readers, content, handles) = (writer, readers, content, handles)
        return try await writer.perform { batch throws(StoreError) in
            let account = try batch.account(id)
            let handle = handles.handle(id) {
                DatabaseAccount(id: id, writer: writer, readers: readers, content: content)
            }
            batch.fill(account)
            return handle
        }
    }

    package func stage(expectedSize: Int?) -> any MessageStager {
        FileStager(pool: intake, expectedSize: expectedSize)
    }

    package func deliver(_ deliveries: [NewDelivery]) async throws(StoreError) -> [DeliveryResult] {
        var staged: [(delivery: NewDelivery, content: FileContent)] = []
        for delivery in deliveries {
            guard let content = delivery.message.content as? FileContent else {
                throw .notAllowed("the message was staged by another store")
            }
            staged.append((delivery, content))
        }
        let together = staged
        let weight = together.reduce(0) { $0 + $1.content.prepared.weight }
        let withheld = Mutex<[DeliveryResult]?>(nil)
        do throws(StoreError) {
            return try await writer.perform(weight: weight) { batch throws(StoreError) in
                var results: [DeliveryResult] = []
                for (delivery, content) in together { results.append(try batch.deliver(delivery, content)) }
                guard zip(together, results).contains(where: { $0.delivery.isWhole && $1.hasFailure }) else {
                    return results
                }
                let undone = results.map(\.withheld)
                withheld.withLock { $0 = undone }
                // Undoes the job.
                throw .notAllowed("a part of the delivery failed")
            }
        } catch {
            if let results = withheld.withLock({ $0 }) { return results }
            throw error
        }
    }

    package func close() async {
        guard closed.take() else { return }
        let (writer, readers, intake) = (writer, readers, intake)
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            SystemThread.start(name: "store-close") {
                intake.close()
                writer.close()
                readers.close()
                continuation.resume()
            }
        }
        folderLock.release()
    }
}
