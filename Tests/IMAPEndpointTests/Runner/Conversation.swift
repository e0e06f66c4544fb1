import Foundation
import Testing

/// A conversation from `Conversations/*.txt`.
///
///     ## Title                 begins a case; what follows until the next title belongs to it
///     @message INBOX (\Seen)   puts a message into a mailbox of alice's; its lines follow, each behind `| `
///     @anonymous               do not log in first (otherwise alice is, on every connection)
///     @options plaintext|noplaintext|tls|…   see `ConversationServer.Options`
///     C: a1 NOOP               the client sends this line
///     C- text                  … without CRLF
///     S: a1 OK «.*»            the server says this line; between « and » stands a regular expression
///     S~ * FLAGS …             lines that may come in any order among their neighbours; … is «.*»
///     C2: …, S2: …             the same on a second connection (as many as wanted); such a case is not pipelined
///     @closed                  the server closes the connection (otherwise the case ends with LOGOUT)
///
/// Lines that begin with `#` are comments.
struct Conversation: Sendable, CustomTestStringConvertible {
    enum Step: Sendable {
        case send(connection: Int, text: String)
        /// Lines in this order.
        case expect(connection: Int, pattern: String)
        /// Lines in any order.
        case expectAll(connection: Int, patterns: [String])
        case closed(connection: Int)
    }

    struct Message: Sendable {
        var mailbox: String
        var flags: [String]
        var lines: [String]
    }

    var file: String
    var title: String
    var line: Int
    var isAnonymous = false
    var isSequential = false
    var options: Set<String> = []
    var messages: [Message] = []
    var steps: [(line: Int, step: Step)] = []

    var testDescription: String { "\(file): \(title)" }
    var connections: Int {
        steps.reduce(1) { most, entry in
            switch entry.step {
            case .send(let connection, _), .expect(let connection, _), .expectAll(let connection, _),
                .closed(let connection):
                max(most, connection)
            }
        }
    }

    /// All conversations beside this file.
    static let all: [Conversation] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Conversations")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "txt" }.sorted { $0.path < $1.path }.flatMap { file in
            parse((try? String(contentsOf: file, encoding: .utf8)) ?? "", file: file.lastPathComponent)
        }
    }()

    static func parse(_ text: String, file: String) -> [Conversation] {
        var all: [Conversation] = []
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = String(raw)
            if line.hasPrefix("## ") {
                all.append(Conversation(file: file, title: String(line.dropFirst(3)), line: index + 1))
            } else if !line.hasPrefix("#"), !line.isEmpty, !all.isEmpty {
                all[all.count - 1].add(line, number: index + 1)
            }
        }
        return all
    }

    private mutating func add(_ line: String, number: Int) {
        let words = line.split(separator: " ").map(String.init)
        switch words[0] {
        case "@anonymous": isAnonymous = true
        case "@sequential": isSequential = true
        case "@options": options.formUnion(words.dropFirst())
        case "@closed": steps.append((number, .closed(connection: words.count > 1 ? Int(words[1]) ?? 1 : 1)))
        case "@message":
            let flags = words.dropFirst(2).joined(separator: " ").trimmingCharacters(in: ["(", ")"])
            messages.append(
                Message(mailbox: words[1], flags: flags.split(separator: " ").map(String.init), lines: []))
        case "|": messages[messages.count - 1].lines.append(String(line.dropFirst(2)))
        default: addStep(line, number: number)
        }
    }

    private mutating func addStep(_ line: String, number: Int) {
        guard let mark = line.firstIndex(where: { ":~-".contains($0) }) else {
            fatalError("\(file):\(number): \(line)")
        }
        let connection = Int(line[line.index(after: line.startIndex)..<mark]) ?? 1
        let text = String(line[line.index(after: mark)...].dropFirst())
        switch (line.first, line[mark]) {
        case ("C", ":"): steps.append((number, .send(connection: connection, text: text + "\r\n")))
        case ("C", "-"): steps.append((number, .send(connection: connection, text: text)))
        case ("S", ":"): steps.append((number, .expect(connection: connection, pattern: text)))
        case ("S", "~"):
            if case .expectAll(connection, let patterns)? = steps.last?.step {
                steps[steps.count - 1].step = .expectAll(connection: connection, patterns: patterns + [text])
            } else {
                steps.append((number, .expectAll(connection: connection, patterns: [text])))
            }
        default: fatalError("\(file):\(number): \(line)")
        }
    }

    /// Whether `line` is what `pattern` says.
    static func matches(_ line: String, _ pattern: String) -> Bool {
        var expression = ""
        for (index, part) in pattern.replacingOccurrences(of: "…", with: "«.*»").components(separatedBy: "«")
            .enumerated()
        {
            if index == 0 {
                expression += NSRegularExpression.escapedPattern(for: part)
            } else {
                let halves = part.components(separatedBy: "»")
                expression +=
                    "(?:\(halves[0]))"
                    + NSRegularExpression.escapedPattern(for: halves.dropFirst().joined(separator: "»"))
            }
        }
        return line.range(of: "\\A" + expression + "\\z", options: .regularExpression) != nil
    }
}
