import ContentStore
import MailStore

extension FormatStep {
    /// Format 0 to 1. Every content row bears the checksum that its record's header has, so that `verify` finds a record that
    /// is whole but another's; segment rows say how far commits have gone, so that it tells damage from what a crash left. The
    /// index remembers which programs have written it, so that an older one can say which it needs.
    static let contentChecksums = FormatStep(
        "checksums of the content", from: StoreFormat(0), newTables: ["format_history"],
        up: { work throws(StoreError) in
            try work.execute(
                """
                CREATE TABLE format_history (
                    ordinal INTEGER NOT NULL PRIMARY KEY, format INTEGER NOT NULL, program TEXT NOT NULL, time INTEGER NOT NULL
                ) STRICT;
                ALTER TABLE content ADD COLUMN checksum INTEGER;
                ALTER TABLE segment ADD COLUMN length INTEGER NOT NULL DEFAULT 0;
                WITH ends AS (SELECT segment AS number, MAX(start + length) AS length FROM content GROUP BY segment)
                UPDATE segment SET length = (SELECT length FROM ends WHERE ends.number = segment.number)
                WHERE number IN (SELECT number FROM ends)
                """)
            try work.readChecksums()
        },
        down: { work throws(StoreError) in
            try work.execute(
                """
                ALTER TABLE content DROP COLUMN checksum; ALTER TABLE segment DROP COLUMN length;
                DROP TABLE format_history
                """)
        })
}

extension FormatWork {
    private static let batch = 1000

    /// Reads the header of every record.
    fileprivate func readChecksums() throws(StoreError) {
        let total = try integer("SELECT COUNT(*) FROM content")
        let update = try statement("UPDATE content SET checksum = $1 WHERE id = $2")
        var done: Int64 = 0
        var last: Int64 = 0
        while true {
            let page = try integers(
                "SELECT id, segment, start, length FROM content WHERE id > $1 ORDER BY id LIMIT \(Self.batch)", last,
                columns: 4)
            guard let end = page.last else { return }
            last = end[0]
            for row in page {
                let location = ContentLocation(contentID: row[0], segment: row[1], offset: row[2], length: row[3])
                // A record that cannot be read is no reason to stay behind: `verify` says what is wrong with it.
                guard let checksum = try checksum(of: location) else { continue }
                try run(update, checksum, row[0])
            }
            done += Int64(page.count)
            progress(done, of: max(done, total))
        }
    }

    private func checksum(of location: ContentLocation) throws(StoreError) -> Int64? {
        do throws(ContentError) {
            return Int64(try ContentAccess(location, in: content).header.payloadChecksum)
        } catch {
            guard case .damaged = error else { throw error.storeError }
            return nil
        }
    }
}
