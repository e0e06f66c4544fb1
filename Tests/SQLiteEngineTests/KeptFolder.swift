import ContentStore
import Foundation
import MailModel
import MailStore
import Synchronization
import Testing

@testable import SQLiteEngine

/// A copy of the data folder of format 0 that is kept, and what was seen of it when it was made.
final class KeptFolder: Sendable {
    let directory: String
    let clock = TestClock()
    let seen: Seen
    /// The index as it was.
    let before: IndexDump

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures/format-0").path

    /// Another copy of the folder, which is in use already.
    init(_ copy: String) throws {
        directory = copy
        seen = try Self.readSeen()
        before = try IndexDump(Self.folder)
    }

    private static func readSeen() throws -> Seen {
        try JSONDecoder().decode(Seen.self, from: Data(contentsOf: URL(filePath: folder + "/seen.json")))
    }

    init() throws {
        directory = StoreFixture.temporaryDirectory()
        let files = FileManager.default
        try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
        for name in ["store.sqlite", "content"] {
            try files.copyItem(atPath: Self.folder + "/" + name, toPath: directory + "/" + name)
        }
        try files.createDirectory(atPath: directory + "/objects", withIntermediateDirectories: true)
        for name in try files.contentsOfDirectory(atPath: Self.folder + "/objects") {
            // Content id and length are in the name.
            let parts = name.dropLast(4).split(separator: "-")
            let packed = Array(try Data(contentsOf: URL(filePath: Self.folder + "/objects/" + name)))
            let bytes = try packed.withUnsafeBytes {
                try Compressor().decompress($0, length: try #require(Int(parts[1])))
            }
            try Data(bytes).write(to: URL(filePath: directory + "/objects/" + parts[0]))
        }
        seen = try Self.readSeen()
        before = try IndexDump(directory)
    }

    func remove() { try? FileManager.default.removeItem(atPath: directory) }

    func options(_ change: (inout StoreOptions) -> Void = { _ in }) -> StoreOptions {
        StoreFixture.options(clock) {
            $0.program = "martlet test"
            change(&$0)
        }
    }

    func conversion(_ path: String? = nil) -> FormatConversion {
        FormatConversion(directory: path ?? directory, options: options())
    }

    func open() async throws -> SQLiteShard { try await SQLiteShard.open(directory: directory, options: options()) }
}

/// What clients and the administrator saw, as `crash/upgrade.py` writes it down.
struct Seen: Decodable, Sendable {
    struct Message: Decodable, Hashable, Sendable {
        let flags: String
        let modseq: String
        let date: String
        let email: String
        let thread: String
        let size: Int
        let sha256: String
    }

    struct Folder: Decodable, Sendable {
        let status: String
        let messages: [String: Message]
    }

    struct Account: Decodable, Sendable {
        let folders: [String: Folder]
        let subscribed: [String]
    }

    struct QueueRow: Decodable, Hashable, Sendable {
        let id: String
        let deliveryId: String
        let sender: String
        let recipient: String
        let size: Int64
    }

    struct TraceLine: Decodable, Hashable, Sendable {
        let deliveryId: String
        let stage: String
        let outcome: String
        let text: String
    }

    let accounts: [String: Account]
    let queue: [QueueRow]
    let trace: [TraceLine]
}

/// All that an index holds, as text: the definitions, and the rows of every table.
struct IndexDump: Equatable, Sendable {
    var format: String
    /// Definitions without differences of white space and quotes.
    var definitions: [String]
    var tables: [String: [String]] = [:]

    init(_ directory: String) throws {
        // A copy, so that looking changes nothing.
        let copy = StoreFixture.temporaryDirectory()
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: directory + "/store.sqlite" + suffix) {
            try FileManager.default.copyItem(
                atPath: directory + "/store.sqlite" + suffix, toPath: copy + "/store.sqlite" + suffix)
        }
        let connection = try IndexFile(directory: copy).connect()
        defer { connection.close() }
        format = try connection.values("PRAGMA user_version").joined()
        definitions = try connection.values("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").map {
            $0.split(whereSeparator: \.isWhitespace).joined(separator: " ").replacing(" ,", with: ",")
                .replacing(" )", with: ")")
        }
        for table in try connection.values("SELECT name FROM sqlite_master WHERE type = 'table'") {
            let columns = try connection.values("SELECT name FROM pragma_table_info('\(table)') ORDER BY cid")
            let text = columns.map { "'\($0)=' || quote(\"\($0)\")" }.joined(separator: " || ' ' || ")
            tables[table] = try connection.values("SELECT \(text) FROM \"\(table)\"").sorted()
        }
    }

    /// Without what format 0 has no place for.
    var asFormat0: IndexDump {
        var dump = self
        dump.tables["format_history"] = nil
        dump.tables["content"] = tables["content"]?.map { row in
            row.range(of: " checksum=", options: .backwards).map { String(row[..<$0.lowerBound]) } ?? row
        }
        dump.tables["segment"] = tables["segment"]?.map { row in
            row.range(of: " length=", options: .backwards).map { String(row[..<$0.lowerBound]) } ?? row
        }
        dump.tables["shard"] = tables["shard"]?.map { $0.replacing("format=2", with: "format=1") }
        return dump
    }
}

/// Copies a folder as a kill leaves it: files with several names keep them.
func copyKeepingLinks(_ source: String, to target: String) throws {
    let files = FileManager.default
    var known: [UInt64: String] = [:]
    try files.createDirectory(atPath: target, withIntermediateDirectories: true)
    for name in try files.subpathsOfDirectory(atPath: source).sorted() where !name.hasSuffix(".sock") {
        let attributes = try files.attributesOfItem(atPath: source + "/" + name)
        if attributes[.type] as? FileAttributeType == .typeDirectory {
            try files.createDirectory(atPath: target + "/" + name, withIntermediateDirectories: true)
            continue
        }
        let number = (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0
        if let first = known[number] {
            try files.linkItem(atPath: first, toPath: target + "/" + name)
        } else {
            try files.copyItem(atPath: source + "/" + name, toPath: target + "/" + name)
            known[number] = target + "/" + name
        }
    }
}
