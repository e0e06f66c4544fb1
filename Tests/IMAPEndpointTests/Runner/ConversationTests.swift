import Testing

/// Every conversation, line by line, byte by byte and pipelined.
@Suite struct ConversationTests {
    @Test(arguments: Conversation.all)
    func conversation(_ conversation: Conversation) async throws {
        let isSequential = conversation.isSequential || conversation.connections > 1
        for delivery in Delivery.allCases where !(isSequential && delivery == .pipelined) {
            try await ConversationRunner(conversation: conversation, delivery: delivery).run()
        }
    }

    @Test func thereAreConversations() {
        #expect(Conversation.all.count > 20)
    }

    @Test func patterns() {
        #expect(Conversation.matches("* 2 (EXISTS) [x]", "* 2 (EXISTS) [x]"))
        #expect(Conversation.matches("* OK [UIDVALIDITY 17] ok", "* OK [UIDVALIDITY «[0-9]+»] …"))
        #expect(!Conversation.matches("* OK more", "* OK"))
        #expect(!Conversation.matches("* 1a EXISTS", "* «[0-9]+» EXISTS"))
    }
}
