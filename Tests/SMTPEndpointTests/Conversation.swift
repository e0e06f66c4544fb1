import Testing

/// A conversation as text: `C: ` sends a line, `S: ` expects one. `*` at the end of an expected line stands for anything.
///
/// Runs in three ways, which must give the same replies: line by line as written; the same, each byte in a write of its own;
/// and all client lines in one write.
struct Conversation {
    enum Mode: CaseIterable, Sendable {
        case inTurns, byteByByte, pipelined
    }

    private enum Turn {
        case client(String)
        case server(String)
    }

    private let turns: [Turn]

    init(_ text: String) {
        turns = text.split(separator: "\n").compactMap { line in
            if line.hasPrefix("S: ") { return .server(String(line.dropFirst(3))) }
            if line.hasPrefix("C: ") { return .client(String(line.dropFirst(3))) }
            return line == "C:" ? .client("") : nil
        }
    }

    func run(_ client: TestClient, _ mode: Mode, location: SourceLocation = #_sourceLocation) async throws {
        if mode == .pipelined {
            var all = ""
            for case .client(let line) in turns { all += line + "\n" }
            try await client.send(all)
        }
        var pending = ""
        for turn in turns {
            switch turn {
            case .client(let line):
                pending += line + "\n"
            case .server(let expected):
                if !pending.isEmpty, mode != .pipelined {
                    try await client.send(pending, byteByByte: mode == .byteByByte)
                }
                pending = ""
                let line = await client.line() ?? "(closed)"
                guard Self.matches(line, expected) else {
                    Issue.record("expected “\(expected)”, got “\(line)” (\(mode))", sourceLocation: location)
                    client.close()
                    return
                }
            }
        }
        client.close()
    }

    private static func matches(_ line: String, _ expected: String) -> Bool {
        expected.hasSuffix("*") ? line.hasPrefix(expected.dropLast()) : line == expected
    }
}
