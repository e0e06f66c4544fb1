import ContentStore

/// Threads that read, each with a connection of its own.
final class Readers: Sendable {
    /// Safety of `@unchecked Sendable`: only the pool's thread of the same number touches it.
    private final class Seat: @unchecked Sendable {
        var connection: (any SQLConnection)?
        let compressor = Compressor()
    }

    private let pool: WorkerPool
    private let seats: [Seat]
    private let database: any SQLDatabase

    init(_ database: any SQLDatabase, threads: Int) {
        self.database = database
        seats = (0..<threads).map { _ in Seat() }
        pool = WorkerPool(name: "store-reader", threads: threads)
    }

    /// Runs `body` with a connection; its statements see one moment if `isOneMoment`.
    func read<Success: Sendable>(
        isOneMoment: Bool = false, _ body: @escaping @Sendable (any SQLConnection) throws(StoreError) -> Success
    ) async throws(StoreError) -> Success {
        try await run { seat throws(StoreError) in
            let connection = try self.connection(seat)
            return try connection.access { () throws(StoreError) in
                guard isOneMoment else { return try body(connection) }
                try asStoreError { () throws(SQLError) in try connection.execute("BEGIN") }
                defer { asIgnored { () throws(SQLError) in try connection.execute("COMMIT") } }
                return try body(connection)
            }
        }
    }

    /// Runs `body` with a compressor, for reading content.
    func readContent<Success: Sendable>(
        _ body: @escaping @Sendable (Compressor) throws(ContentError) -> Success
    ) async throws(StoreError) -> Success {
        try await run { seat throws(StoreError) in
            do throws(ContentError) { return try body(seat.compressor) } catch { throw error.storeError }
        }
    }

    /// Both: an index look-up and the content it leads to.
    func read<Success: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection, Compressor) throws(StoreError) -> Success
    ) async throws(StoreError) -> Success {
        try await run { seat throws(StoreError) in
            let connection = try self.connection(seat)
            return try connection.access { () throws(StoreError) in try body(connection, seat.compressor) }
        }
    }

    private func connection(_ seat: Seat) throws(StoreError) -> any SQLConnection {
        if let connection = seat.connection { return connection }
        let connection = try asStoreError { () throws(SQLError) in try database.openReader() }
        seat.connection = connection
        return connection
    }

    private func run<Success: Sendable>(
        _ body: @escaping @Sendable (Seat) throws(StoreError) -> Success
    ) async throws(StoreError) -> Success {
        let seats = seats
        let result: Result<Success, StoreError>? = await pool.run { number in
            do throws(StoreError) { return .success(try body(seats[number])) } catch { return .failure(error) }
        }
        guard let result else { throw .unavailable("the store is closed") }
        return try result.get()
    }

    /// Blocks until what was begun is done.
    func close() {
        pool.close()
        for seat in seats {
            seat.connection?.close()
            seat.connection = nil
        }
    }
}
