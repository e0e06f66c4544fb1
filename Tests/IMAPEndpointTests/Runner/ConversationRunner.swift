import Testing

/// How a conversation's bytes reach the server.
enum Delivery: String, Sendable, CaseIterable {
    /// Each line when its turn comes.
    case lines
    /// The same, every byte in a packet of its own.
    case bytes
    /// All that need not wait for a continuation at once.
    case pipelined
}

/// Plays a conversation against a fresh server.
struct ConversationRunner {
    let conversation: Conversation
    let delivery: Delivery

    func run() async throws {
        let server = try await ConversationServer(options: conversation.options)
        for message in conversation.messages { try await server.deliver(message) }
        var clients: [ConversationClient] = []
        for _ in 0..<conversation.connections {
            let client = try await ConversationClient(server.address)
            #expect(await client.line()?.hasPrefix("* OK ") == true)
            if !conversation.isAnonymous {
                client.send("login LOGIN alice@example.test \"\(ConversationServer.password)\"\r\n")
                #expect(await client.line()?.hasPrefix("login OK ") == true)
            }
            clients.append(client)
        }
        try await play(clients)
        for client in clients { await client.close() }
        await server.stop()
    }

    private func play(_ clients: [ConversationClient]) async throws {
        var sent = 0
        var closed: Set<Int> = []
        for (position, entry) in conversation.steps.enumerated() {
            if position >= sent { sent = send(from: position, clients) }
            switch entry.step {
            case .send: break
            case .expect(let connection, let pattern):
                let line = await clients[connection - 1].line()
                guard try expect(line, [pattern], entry.line) != nil else { return }
            case .expectAll(let connection, let patterns):
                var open = patterns
                while !open.isEmpty {
                    let line = await clients[connection - 1].line()
                    guard let match = try expect(line, open, entry.line) else { return }
                    open.remove(at: match)
                }
            case .closed(let connection):
                let line = await clients[connection - 1].line()
                #expect(line == nil, "\(place(entry.line)): the server goes on")
                closed.insert(connection)
            }
        }
        // Nothing may be left unsaid.
        for (index, client) in clients.enumerated() where !closed.contains(index + 1) {
            client.send("end LOGOUT\r\n")
            let goodbye = await client.line()
            #expect(
                goodbye?.hasPrefix("* BYE") == true, "\(place(conversation.line)): left over: \(goodbye ?? "closed")")
        }
    }

    /// Sends what can be sent at `position`; returns the position up to which all has been sent.
    private func send(from position: Int, _ clients: [ConversationClient]) -> Int {
        guard delivery == .pipelined else {
            if case .send(let connection, let text) = conversation.steps[position].step {
                clients[connection - 1].send(text, byteByByte: delivery == .bytes)
            }
            return position + 1
        }
        var text = ""
        var next = position
        loop: while next < conversation.steps.count {
            switch conversation.steps[next].step {
            case .send(_, let more): text += more
            case .expect(_, let pattern) where pattern.hasPrefix("+"):
                next += 1
                break loop
            default: break
            }
            next += 1
        }
        if !text.isEmpty { clients[0].send(text) }
        return next
    }

    /// Which of `patterns` the line matches.
    private func expect(_ line: String?, _ patterns: [String], _ number: Int) throws -> Int? {
        guard let line else {
            Issue.record("\(place(number)): expected \(patterns), but nothing came")
            return nil
        }
        guard let match = patterns.firstIndex(where: { Conversation.matches(line, $0) }) else {
            Issue.record("\(place(number)): expected \(patterns), got: \(line)")
            return nil
        }
        return match
    }

    private func place(_ line: Int) -> String { "\(conversation.file):\(line) (\(delivery))" }
}
