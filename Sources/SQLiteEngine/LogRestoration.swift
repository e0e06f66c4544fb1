import CSQLiteVFS
import MailStore

/// Puts right a log that was found damaged while its database is in use. To be used by the writer, outside a transaction.
struct LogRestoration {
    let connection: SQLiteConnection
    let path: String

    /// Whether the log is sound, or empty, now.
    func restore(_ frame: UInt32) throws(SQLError) -> Bool {
        guard let reports = connection.reports else { return true }
        if try correct() {
            reports.corrected(frame, "one bit was wrong, and has been corrected")
            return true
        }
        // If newer frames have all that the damaged ones had, nobody needs those.
        guard let busy = try? connection.values("PRAGMA wal_checkpoint(RESTART)").first, busy == "0" else {
            return false
        }
        reports.corrected(frame, "all of it was written anew since, and is in the database")
        return true
    }

    private func correct() throws(SQLError) -> Bool {
        // Each round corrects a frame.
        for _ in 0..<16 {
            var state = csqlitevfs_log()
            guard csqlitevfs_log_state(connection.handle, &state) == 1 else { return false }
            guard let log = try WriteAheadLog(ofDatabase: path, writes: true) else { return false }
            guard log.isSound else {
                guard let bit = log.wrongBitOfHeader() else { return false }
                try log.correctHeader(bit)
                continue
            }
            var sum = WriteAheadLog.Checksum()
            guard let frame = log.firstUnsound(limit: Int(state.frames), sum: &sum) else { return true }
            guard let bit = log.wrongBit(of: frame) else { return false }
            try log.correct(bit, of: frame)
        }
        return false
    }
}
