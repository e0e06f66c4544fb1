import IMAPWire
import NIOCore
import Testing

/// Conversations with their bytes spoiled: whatever a client sends, the server answers, or ends the session, and goes on
/// serving others.
@Suite struct SessionMutationTests {
    @Test func spoiledConversations() async throws {
        let server = try await ConversationServer()
        for number in 0..<5 {
            try await server.deliver(
                Conversation.Message(mailbox: "INBOX", flags: ["$Junk"], lines: ["Subject: \(number)", "", "text"]))
        }
        var generator = Generator(state: 42)
        let conversations = Conversation.all.filter { $0.connections == 1 && !$0.isAnonymous }
        for round in 0..<400 {
            let client = try await ConversationClient(server.address)
            _ = await client.line()
            client.send("l LOGIN alice@example.test \"\(ConversationServer.password)\"\r\ns SELECT INBOX\r\n")
            let text = conversations[round % conversations.count].steps.reduce(into: "") { text, entry in
                if case .send(_, let line) = entry.step { text += line }
            }
            var bytes = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...6, using: &generator) where !bytes.isEmpty {
                let position = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[position] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: position)
                default:
                    bytes.insert(
                        contentsOf: Array("{}()*%\"\\\r\n :,<>[]0".utf8.shuffled(using: &generator).prefix(3)),
                        at: position)
                }
            }
            // A continuation line or two get the session out of wherever it waits.
            client.send(bytes: bytes + Array("\r\nDONE\r\n\r\nend LOGOUT\r\n".utf8))
            client.finish()
            while await client.line() != nil {}
        }
        let last = try await ConversationClient(server.address)
        _ = await last.line()
        #expect(await last.ask("a1 NOOP") == ["a1 OK NOOP completed"])
        await last.close()
        await server.stop()
    }
}
