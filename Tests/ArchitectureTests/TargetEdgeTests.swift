import Foundation
import Testing

/// The shape of the house: who may import whom. A new arrow is a decision, made by editing `dependencies.txt`.
@Suite struct TargetEdgeTests {
    /// Level 0 is the lowest. Arrows go down; those among neighbours are listed below.
    private static let levels: [[String]] = [
        [
            "CBytes", "CIDN2", "CUnistring", "CZstd", "CArgon2", "CSQLiteVFS", "CProcess", "CTLS", "Bytes", "MailModel",
        ],
        ["MessageFormat", "SASLMechanisms", "SMTPWire", "IMAPWire", "POP3Wire"],
        ["SessionIO", "ContentStore", "MailStore", "SQLiteEngine", "Accounts", "MailQueue", "Delivery"],
        ["SMTPEndpoint", "IMAPEndpoint", "POP3Endpoint", "HTTPEndpoint"],
        ["MailServer"],
        ["martlet"],
    ]

    private static let neighbours: Set<String> = [
        "Bytes → CBytes", "MailModel → CIDN2", "MailModel → CUnistring",
        "MailStore → ContentStore", "SQLiteEngine → MailStore", "SQLiteEngine → ContentStore",
        "Accounts → MailStore", "MailQueue → MailStore",
        "Delivery → Accounts", "Delivery → MailQueue", "Delivery → MailStore", "Delivery → ContentStore",
    ]

    /// What the pure levels may import from outside (`NIOCore` for `ByteBuffer` only).
    private static let pureImports: Set<String> = ["NIOCore", "Glibc", "Crypto", "CryptoExtras"]

    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Target → modules its files import.
    private static func imports() throws -> [String: Set<String>] {
        let sources = root.appending(path: "Sources").resolvingSymlinksInPath()
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var found: [String: Set<String>] = [:]
        for case let file as URL in files where file.pathExtension == "swift" {
            let relative = file.resolvingSymlinksInPath().path.dropFirst(sources.path.count + 1)
            let target = String(relative.prefix { $0 != "/" })
            let text = try String(contentsOf: file, encoding: .utf8)
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                guard let index = words.firstIndex(of: "import"), index <= 2, !line.hasPrefix(" "),
                    !line.hasPrefix("//")
                else {
                    continue
                }
                let name = words.count > index + 2 ? words[index + 2] : words[index + 1]
                found[target, default: []].insert(String(name.prefix { $0 != "." }))
            }
        }
        return found
    }

    @Test func importsAreTheCommittedOnes() throws {
        let committed = try String(contentsOf: Self.root.appending(path: "dependencies.txt"), encoding: .utf8)
        let actual = try Self.imports().sorted { $0.key < $1.key }
            .map { "\($0.key): \($0.value.sorted().joined(separator: " "))\n" }.joined()
        #expect(
            actual == committed,
            "dependencies.txt lists other imports; if the new arrow is meant, make it say:\n\(actual)")
    }

    @Test func arrowsGoDown() throws {
        var level: [String: Int] = [:]
        for (number, names) in Self.levels.enumerated() { for name in names { level[name] = number } }
        for (target, imported) in try Self.imports() {
            let own = try #require(level[target], "\(target) has no level")
            for name in imported {
                guard let other = level[name] else { continue }
                if other > own || (other == own && !Self.neighbours.contains("\(target) → \(name)")) {
                    Issue.record("\(target) → \(name) goes up or sideways")
                }
            }
        }
    }

    @Test func pureLevelsStayPure() throws {
        let imports = try Self.imports()
        let ours = Set(Self.levels.joined())
        for target in Self.levels[0] + Self.levels[1] {
            let foreign = (imports[target] ?? []).subtracting(ours).subtracting(Self.pureImports)
            #expect(foreign.isEmpty, "\(target) imports \(foreign.sorted())")
        }
    }

    @Test func onlyTheEngineKnowsGRDB() throws {
        for (target, imported) in try Self.imports() where imported.contains("GRDB") {
            #expect(target == "SQLiteEngine")
        }
    }

    @Test func noFileIsALabyrinth() throws {
        let sources = Self.root.appending(path: "Sources").resolvingSymlinksInPath()
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        for case let file as URL in files where file.pathExtension == "swift" {
            let lines = try String(contentsOf: file, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count <= 800, "\(file.lastPathComponent) has \(lines.count) lines")
        }
    }
}
