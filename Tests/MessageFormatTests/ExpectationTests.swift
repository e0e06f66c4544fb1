import Foundation
import MailModel
import MessageFormat
import NIOCore
import Testing

/// Structures that other parsers expect of their own test messages. Every disagreement is explained in
/// docs/mime-disagreements.md, and the page names none that is gone.
@Suite(.enabled(if: Fixtures.isPresent, "shared/fixtures/mime is absent"))
struct ExpectationTests {
    private func compare(_ source: String, _ found: [String: String]) throws {
        let explained = try Fixtures.explained(source)
        for (name, what) in found.sorted(by: { $0.key < $1.key }) where explained[name] == nil {
            Issue.record("\(source): \(name) is not explained: \(what)")
        }
        for name in explained.keys.sorted() where found[name] == nil {
            Issue.record("\(source): \(name) is explained and agrees")
        }
    }

    /// The body ranges of all parts, as far as both sides see parts; leaves with the kind of their type.
    @Test func mailParser() throws {
        var found: [String: String] = [:]
        let files = Fixtures.files("mime/mail-parser/resources/eml", where: { $0.hasSuffix(".eml") })
        for file in files {
            let original = try Fixtures.bytes(file)
            let base = file.deletingPathExtension().lastPathComponent
            let folder = file.deletingLastPathComponent()
            for (name, bytes) in [
                ("\(base).json", Fixtures.withLF(original)), ("\(base).crlf.json", Fixtures.withCRLF(original)),
            ] {
                let path = folder.appendingPathComponent(name)
                guard FileManager.default.fileExists(atPath: path.path),
                    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any]
                else { continue }
                let expected = Self.mailParserShape(json, 0)
                let ours = Self.shape(MessageStructure.parse(bytes).root)
                let key = folder.lastPathComponent + "/" + name
                if ours != expected { found[key] = "\n   ours   \(ours)\n   theirs \(expected)" }
            }
        }
        #expect(files.count > 60)
        try compare("mail-parser", found)
    }

    private static func shape(_ part: MIMEPart) -> String {
        let own = "\(part.bodyRange.lowerBound)-\(part.bodyRange.upperBound)"
        return own + (part.children.isEmpty ? "" : "[" + part.children.map(shape).joined(separator: " ") + "]")
    }

    private static func mailParserShape(_ message: [String: Any], _ index: Int) -> String {
        guard let parts = message["parts"] as? [[String: Any]], parts.indices.contains(index) else { return "?" }
        let part = parts[index]
        let own = "\(part["offset_body"] ?? "?")-\(part["offset_end"] ?? "?")"
        guard let body = part["body"] as? [String: Any] else { return own }
        if let children = body["Multipart"] as? [Int] {
            return own
                + (children.isEmpty
                    ? "" : "[" + children.map { mailParserShape(message, $0) }.joined(separator: " ") + "]")
        }
        if let inner = body["Message"] as? [String: Any] { return own + "[" + mailParserShape(inner, 0) + "]" }
        return own
    }

    @Test func mime4j() throws {
        var found: [String: String] = [:]
        let files = Fixtures.files("mime/mime4j", where: { $0.hasSuffix(".msg") })
        for file in files {
            let expectation = file.deletingPathExtension().appendingPathExtension("xml")
            guard let xml = try? String(contentsOf: expectation, encoding: .isoLatin1) else { continue }
            let expected = Self.mime4jShape(xml)
            let root = MessageStructure.parse(try Fixtures.bytes(file)).root
            let ours = "message(" + Self.kinds(root) + ")"
            if ours != expected { found[file.lastPathComponent] = "\n   ours   \(ours)\n   theirs \(expected)" }
        }
        #expect(files.count > 70)
        try compare("mime4j", found)
    }

    private static func kinds(_ part: MIMEPart) -> String {
        if let message = part.message { return "message(" + kinds(message) + ")" }
        guard part.isMultipart else { return "body" }
        return "multipart(" + part.children.map(kinds).joined(separator: ",") + ")"
    }

    /// The elements that carry structure, without body-part, which only wraps.
    private static func mime4jShape(_ xml: String) -> String {
        var output = ""
        for piece in xml.split(separator: "<", omittingEmptySubsequences: false).dropFirst() {
            let tag = piece.prefix { $0 != ">" }
            switch tag {
            case "message", "multipart":
                if output.last == ")" || output.hasSuffix("body") { output += "," }
                output += tag + "("
            case "/message", "/multipart": output += ")"
            case "body":
                if output.last == ")" || output.hasSuffix("body") { output += "," }
                output += "body"
            default: break
            }
        }
        return output
    }

    /// Header values: lists of the text of a field and what is expected of it.
    private func table(_ name: String) throws -> [(header: ByteBuffer, expected: Any)] {
        let rows = try Fixtures.json("mime/mail-parser/resources/\(name).json") as? [[String: Any]] ?? []
        return rows.compactMap { row in
            guard let header = row["header"] as? String, let expected = row["expected"] else { return nil }
            // Some rows go on behind the field.
            let block = HeaderBlock(ByteBuffer(string: "X:" + header))
            return block.first { _ in true }.map { ($0.rawValue, expected) }
        }
    }

    @Test func dates() throws {
        var found: [String: String] = [:]
        for (number, row) in try table("date").enumerated() {
            var wanted: Int64?
            if let date = row.expected as? [String: Any], let year = date["year"] as? Int,
                let month = date["month"] as? Int,
                let day = date["day"] as? Int, let hour = date["hour"] as? Int, let minute = date["minute"] as? Int,
                let second = date["second"] as? Int, let zoneHour = date["tz_hour"] as? Int,
                let zoneMinute = date["tz_minute"] as? Int, let isWest = date["tz_before_gmt"] as? Bool
            {
                var components = DateComponents()
                components.calendar = Calendar(identifier: .gregorian)
                components.timeZone = TimeZone(secondsFromGMT: 0)
                (components.year, components.month, components.day) = (year, month, day)
                (components.hour, components.minute, components.second) = (hour, minute, second)
                let zone = (zoneHour * 60 + zoneMinute) * 60
                wanted = components.date.map { Int64($0.timeIntervalSince1970) + Int64(isWest ? zone : -zone) }
            }
            let ours = InternetDate.parse(row.header)?.seconds
            if ours != wanted {
                found["date \(number)"] =
                    "\(row.header.text): \(String(describing: ours)), not \(String(describing: wanted))"
            }
        }
        try compare("mail-parser-date", found)
    }

    @Test func contentTypes() throws {
        var found: [String: String] = [:]
        for (number, row) in try table("content_type").enumerated() {
            guard let expected = row.expected as? [String: Any], let type = expected["c_type"] as? String,
                let subtype = expected["c_subtype"] as? String
            else { continue }
            var field = ByteBuffer(string: "Content-Type:")
            field.writeImmutableBuffer(row.header)
            let part = MessageStructure.parse(field).root
            var ours = part.contentType
            var theirs = "\(type)/\(subtype)"
            if theirs.hasPrefix("multipart/") { continue }
            for parameter in MIMEParameter.decodedAll(part.parameters) {
                ours += ";\(parameter.name)=\(parameter.value)"
            }
            for pair in expected["attributes"] as? [[String]] ?? [] { theirs += ";\(pair[0])=\(pair[1])" }
            if ours != theirs {
                found["content_type \(number)"] = "\(row.header.text)\n   ours   \(ours)\n   theirs \(theirs)"
            }
        }
        try compare("mail-parser-content-type", found)
    }

    @Test func addresses() throws {
        var found: [String: String] = [:]
        for (number, row) in try table("address").enumerated() {
            func name(_ entry: [String: Any], _ key: String) -> String { entry[key] as? String ?? "" }
            var theirs: [String] = []
            func list(_ entries: [[String: Any]]) {
                for entry in entries { theirs.append("\(name(entry, "name"))<\(name(entry, "address"))>") }
            }
            if let expected = row.expected as? [String: Any] {
                list(expected["List"] as? [[String: Any]] ?? [])
                for group in expected["Group"] as? [[String: Any]] ?? [] {
                    if group["name"] is String { theirs.append(name(group, "name") + ":") }
                    list(group["addresses"] as? [[String: Any]] ?? [])
                }
            }
            let ours = AddressList.parse(row.header).filter { !$0.isGroupEnd }.map { address in
                if address.isGroupStart { return (address.decodedName ?? "") + ":" }
                return "\(address.decodedName ?? "")<\(address.addressText ?? address.mailbox?.text ?? "")>"
            }
            if ours != theirs {
                found["address \(number)"] = "\(row.header.text)\n   ours   \(ours)\n   theirs \(theirs)"
            }
        }
        try compare("mail-parser-address", found)
    }

    @Test func texts() throws {
        var found: [String: String] = [:]
        for (number, row) in try table("unstructured").enumerated() {
            let ours =
                HeaderBlock(ByteBuffer(bytes: Array("X:".utf8) + Array(row.header.readableBytesView))).first { _ in true
                }?
                .decodedValue ?? ""
            let theirs = row.expected as? String ?? ""
            func even(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
            if even(ours) != even(theirs) {
                found["unstructured \(number)"] = "\(row.header.text)\n   ours   \(ours)\n   theirs \(theirs)"
            }
        }
        try compare("mail-parser-text", found)
    }
}
