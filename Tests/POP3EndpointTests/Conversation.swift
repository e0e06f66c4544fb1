import Testing

/// A conversation as text: `C: ` is said by the client, `S: ` expected from the server, where a final `*` stands for any
/// rest; `end` says that the server closes.
struct Conversation {
    /// How the client's bytes arrive.
    enum Delivery: CaseIterable, Sendable {
        /// A line, then its answer.
        case lineByLine
        /// As line by line, each byte in a write of its own.
        case byteByByte
        /// Everything at once (RFC 2449 §6.6).
        case pipelined
    }

    private enum Step {
        case say(String)
        case expect(String)
        case end
    }

    private let steps: [Step]

    init(_ script: String) {
        steps = script.split(separator: "\n").compactMap { line in
            if line.hasPrefix("C: ") { return .say(String(line.dropFirst(3))) }
            if line == "C:" { return .say("") }
            if line.hasPrefix("S: ") { return .expect(String(line.dropFirst(3))) }
            if line == "S:" { return .expect("") }
            return line == "end" ? .end : nil
        }
    }

    func run(on server: Server, _ delivery: Delivery, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let client = try await Client.connect(to: server.address)
        if delivery == .pipelined {
            var all = ""
            for case .say(let line) in steps { all += line + "\r\n" }
            try await client.send(all)
        }
        for step in steps {
            switch step {
            case .say(let line):
                if delivery == .lineByLine { try await client.send(line + "\r\n") }
                if delivery == .byteByByte { try await client.send(line + "\r\n", piece: 1) }
            case .expect(let pattern):
                let line = await client.line()
                #expect(
                    Self.matches(line, pattern), "expected \(pattern), got \(line ?? "the end")",
                    sourceLocation: sourceLocation)
                if line == nil { return }
            case .end:
                let line = await client.line()
                #expect(line == nil, sourceLocation: sourceLocation)
            }
        }
        await client.close()
    }

    private static func matches(_ line: String?, _ pattern: String) -> Bool {
        guard let line else { return false }
        return pattern.hasSuffix("*") ? line.hasPrefix(pattern.dropLast()) : line == pattern
    }
}
