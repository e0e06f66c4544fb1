import Foundation
import MessageFormat
import NIOCore

/// The public test messages, which are not part of the repository.
enum Fixtures {
    /// The folder, from MARTLET_FIXTURES or beside the repository; nil where there is none.
    static let folder: URL? = {
        let given = ProcessInfo.processInfo.environment["MARTLET_FIXTURES"].map { URL(fileURLWithPath: $0) }
        let beside = repository.deletingLastPathComponent().appendingPathComponent("shared/fixtures")
        return [given, beside].compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0.path) }
    }()

    static let repository = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let isPresent: Bool = {
        let found =
            folder.map { FileManager.default.fileExists(atPath: $0.appendingPathComponent("mime").path) } ?? false
        if !found { print("no fixtures/mime found: the tests on public messages are skipped (set MARTLET_FIXTURES)") }
        return found
    }()

    /// All files below `path` of the fixtures whose names satisfy `condition`, sorted.
    static func files(_ path: String, where condition: (String) -> Bool = { _ in true }) -> [URL] {
        guard let root = folder?.appendingPathComponent(path),
            let all = FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.isRegularFileKey])
        else { return [] }
        return all.compactMap { $0 as? URL }
            .filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) ?? false }
            .filter { condition($0.lastPathComponent) }
            .sorted { $0.path < $1.path }
    }

    static func bytes(_ file: URL) throws -> ByteBuffer {
        ByteBuffer(bytes: try Data(contentsOf: file))
    }

    /// With every line end made CRLF.
    static func withCRLF(_ bytes: ByteBuffer) -> ByteBuffer {
        var output: [UInt8] = []
        var previous: UInt8 = 0
        for byte in bytes.readableBytesView {
            if byte == 0x0A, previous != 0x0D { output.append(0x0D) }
            output.append(byte)
            previous = byte
        }
        return ByteBuffer(bytes: output)
    }

    /// With every CRLF made LF.
    static func withLF(_ bytes: ByteBuffer) -> ByteBuffer {
        var output: [UInt8] = []
        for byte in bytes.readableBytesView {
            if byte == 0x0A, output.last == 0x0D { output.removeLast() }
            output.append(byte)
        }
        return ByteBuffer(bytes: output)
    }

    static func json(_ path: String) throws -> Any? {
        guard let file = folder?.appendingPathComponent(path) else { return nil }
        return try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    }

    /// The file names that docs/mime-disagreements.md lists for `source`, with their reasons.
    static func explained(_ source: String) throws -> [String: String] {
        let page = try String(
            contentsOf: repository.appendingPathComponent("docs/mime-disagreements.md"), encoding: .utf8)
        var output: [String: String] = [:]
        for line in page.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count >= 3,
                cells[1].split(separator: ",").contains(where: { $0.trimmingCharacters(in: .whitespaces) == source })
            else { continue }
            for name in cells[0].split(separator: ",") {
                output[name.trimmingCharacters(in: CharacterSet(charactersIn: "` "))] = cells[2]
            }
        }
        return output
    }
}

extension ByteBuffer {
    init(crlf text: String) {
        self.init(
            string: text.replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(of: "\n", with: "\r\n"))
    }

    func at(_ range: Range<Int>?) -> String? {
        range.map { String(decoding: readableBytesView.dropFirst($0.lowerBound).prefix($0.count), as: UTF8.self) }
    }
}

/// A small generator, the same numbers every time.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// The types of a tree on one line.
func shape(_ part: MIMEPart) -> String {
    part.contentType + (part.children.isEmpty ? "" : "[" + part.children.map(shape).joined(separator: ",") + "]")
}
