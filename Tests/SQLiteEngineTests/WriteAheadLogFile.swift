import Foundation

/// The write-ahead log of a store, frame by frame.
struct LogFile {
    static let (header, frameHeader, page) = (32, 24, 4096)
    struct Frame {
        let page: Int
        /// Of the database, after the transaction that ends here; 0 within one.
        let pages: Int
        /// Where it begins in the file.
        let offset: Int
    }

    let url: URL
    var bytes: [UInt8]

    init(_ directory: String) throws {
        url = URL(filePath: directory + "/store.sqlite-wal")
        bytes = [UInt8](try Data(contentsOf: url))
    }

    private func number(_ offset: Int) -> Int { bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }

    /// Those of the present use of the file.
    var frames: [Frame] {
        let size = Self.frameHeader + Self.page
        return stride(from: Self.header, through: bytes.count - size, by: size)
            .prefix { bytes[$0 + 8..<$0 + 16] == bytes[16..<24] }
            .map { Frame(page: number($0), pages: number($0 + 4), offset: $0) }
    }

    mutating func flip(_ bit: Int) { bytes[bit / 8] ^= 1 << UInt8(bit % 8) }

    func write() throws { try Data(bytes).write(to: url) }

    /// Into the file that SQLite has open, which `write` would replace by another.
    func writeInPlace() throws {
        let file = try FileHandle(forWritingTo: url)
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }
}
