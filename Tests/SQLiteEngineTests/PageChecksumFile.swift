import CSQLiteVFS
import Foundation
import GRDBSQLite
import Testing

/// The database's file of a store that is closed, page by page.
struct PageChecksumFile {
    static let pageSize = Int(CSQLITEVFS_PAGE)
    let url: URL
    var bytes: [UInt8]

    init(_ directory: String) throws {
        url = URL(filePath: directory + "/store.sqlite")
        bytes = [UInt8](try Data(contentsOf: url))
    }

    var pages: Int { bytes.count / Self.pageSize }

    func page(_ number: Int) -> ArraySlice<UInt8> {
        bytes[(number - 1) * Self.pageSize..<number * Self.pageSize]
    }

    /// The pages whose checksum is wrong.
    var unsound: [Int] {
        (1...max(1, pages)).filter { number in
            page(number).withUnsafeBytes { csqlitevfs_is_sound(UInt32(number), $0.baseAddress) } == 0
        }
    }

    /// As SQLite numbers them: 2 and 5 are inner pages of an index and of a table, 10 and 13 their leaves; others have no kind.
    func kind(_ number: Int) -> UInt8 { bytes[(number - 1) * Self.pageSize + (number == 1 ? 100 : 0)] }

    mutating func flip(_ bit: Int) { bytes[bit / 8] ^= 1 << UInt8(bit % 8) }

    mutating func swapPages(_ first: Int, _ second: Int) {
        let kept = Array(page(first))
        bytes.replaceSubrange((first - 1) * Self.pageSize..<first * Self.pageSize, with: page(second))
        bytes.replaceSubrange((second - 1) * Self.pageSize..<second * Self.pageSize, with: kept)
    }

    func write() throws { try Data(bytes).write(to: url) }
}

/// Statements on a database file, by a connection of their own; the first column of each row.
@discardableResult
func sqlite(_ path: String, _ text: String) throws -> [String] {
    var database: OpaquePointer?
    try #require(sqlite3_open(path, &database) == SQLITE_OK)
    defer { sqlite3_close(database) }
    var rows: [String] = []
    let status = withUnsafeMutablePointer(to: &rows) { rows in
        sqlite3_exec(
            database, text,
            { rows, _, values, _ in
                let text = values?[0].map { String(cString: $0) } ?? "NULL"
                rows?.assumingMemoryBound(to: [String].self).pointee.append(text)
                return 0
            }, rows, nil)
    }
    try #require(status == SQLITE_OK, "\(String(cString: sqlite3_errmsg(database)))")
    return rows
}
