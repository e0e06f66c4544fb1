import IMAPEndpoint
import IMAPWire
import MailModel
import MailStore
import NIOCore
import Testing

@Suite struct FetchRendererTests {
    private static let texts = (1...9).map { "Subject: \($0)\n\nbody \($0)\n" }

    @Test func itemsComeOnceAndIndexFirst() async throws {
        let fixture = FetchFixture(["Subject: s\n\nbody\n"])
        let (text, _) = try await fixture.fetch(
            [.peek([1]), .flags, .peek([1]), .uid, .flags, .section(Section(part: [1]), partial: nil, peek: false)],
            isUID: true)
        // A peek and its opposite are two items; a client that asks for both gets both.
        #expect(text == "* 1 FETCH (UID 10 FLAGS () BODY[1] {6}\r\nbody\r\n BODY[1] {6}\r\nbody\r\n)\r\n")
    }

    @Test func uidAndModSequenceAreAdded() async throws {
        let fixture = FetchFixture(Self.texts)
        let (index, _) = try await fixture.fetch([.flags], isUID: true, changedSince: 750)
        #expect(index == "* 8 FETCH (UID 80 FLAGS () MODSEQ (800))\r\n* 9 FETCH (UID 90 FLAGS () MODSEQ (900))\r\n")
        let (content, _) = try await fixture.fetch([.peek([1])], changedSince: 800)
        #expect(content == "* 9 FETCH (MODSEQ (900) BODY[1] {8}\r\nbody 9\r\n)\r\n")
    }

    @Test func identities() async throws {
        let (text, _) = try await FetchFixture(["a: b\n\n"]).fetch([.emailID, .threadID, .saveDate])
        #expect(text == "* 1 FETCH (EMAILID (M1001) THREADID (T2001) SAVEDATE \"17-Jul-1996 09:44:25 +0000\")\r\n")
    }

    @Test func preview() async throws {
        let text = try await FetchFixture.fetch("Subject: s\n\nWhat it says.\n", .preview(lazy: false))
        #expect(text == "* 1 FETCH (PREVIEW \"What it says.\")\n")
    }

    @Test func seenIsReportedForWhatWasSent() async throws {
        let messages = Self.texts.prefix(3).map { ByteBuffer(bytes: FetchFixture.bytes($0)) }
        let fixture = FetchFixture(bytes: messages, flags: [[], .seen, [.flagged]])
        #expect(try await fixture.fetch([.rfc822]).outcome.unseen == [10, 30])
        #expect(
            try await fixture.fetch([.section(Section(text: .header), partial: nil, peek: false)]).outcome.unseen == [
                10, 30,
            ])
        #expect(try await fixture.fetch([.rfc822Header, .peek(), .envelope]).outcome.unseen.isEmpty)
    }

    @Test func goneMessagesAreLeftOut() async throws {
        let fixture = FetchFixture(Self.texts) { message, number in if number == 2 { message.summary = nil } }
        for item in [FetchAttribute.envelope, .peek(), .peek([1]), .binarySize(part: [1])] {
            let (text, outcome) = try await fixture.fetch([.uid, item])
            #expect(text.components(separatedBy: "* ").count == 9, "\(item)")
            #expect(!text.contains("UID 20 "))
            #expect(outcome.expunged.text == "2")
            #expect(outcome.completion.condition == .ok)
            #expect(outcome.completion.code == .expungeIssued)
        }
        #expect(try await fixture.fetch([.uid]).outcome.completion.condition == .ok)
    }

    @Test func damagedMessagesAreLeftOut() async throws {
        for damage in [0, 3] {
            let fixture = FetchFixture(Self.texts) { message, number in
                if number == 4 { message.damagedFrom = damage }
                if number == 6 { message.shortReads = damage }
            }
            let (text, outcome) = try await fixture.fetch([.flags, .peek()])
            #expect(text.components(separatedBy: " FETCH (FLAGS () BODY[] {22}\r\nSubject: ").count == 8)
            #expect(outcome.failed.text == "4,6")
            #expect(outcome.failure == .damaged("checksum"))
            let completion = outcome.completion
            #expect(completion.condition == .no)
            #expect(completion.code == ResponseCode("CORRUPTION"))
            #expect(completion.text == "Could not read message 4,6")
        }
    }

    @Test func unavailableStore() async throws {
        let fixture = FetchFixture(Self.texts, isUnavailable: true)
        for item in [FetchAttribute.envelope, .peek()] {
            let (text, outcome) = try await fixture.fetch([item])
            #expect(text == "")
            #expect(outcome.completion.code == .unavailable)
            #expect(outcome.failed.text == "1:9")
        }
        #expect(try await fixture.fetch([.flags]).outcome.completion.condition == .ok)
    }

    @Test func unknownSummaryIsMadeAnew() async throws {
        let fixture = FetchFixture([SectionTests.nested]) { message, _ in message.summary = [0] }
        let sound = FetchFixture([SectionTests.nested])
        for item in [FetchAttribute.envelope, .bodyStructure, .peek([3, 1]), .peek([], .header)] {
            #expect(try await fixture.fetch([item]).text == sound.fetch([item]).text)
        }
    }

    // MARK: Large content

    private static let large: ByteBuffer = {
        var bytes = ByteBuffer(string: "Subject: large\r\n\r\n")
        for line in 0..<50_000 { bytes.writeString("line \(line) of the large message, and some more text\r\n") }
        return bytes
    }()

    @Test func largeMessagesStream() async throws {
        let fixture = FetchFixture(bytes: [Self.large, Self.large])
        let sink = StubSink()
        let (text, outcome) = try await fixture.fetch([.peek()], sink: sink)
        let literal = "BODY[] {\(Self.large.readableBytes)}\r\n\(String(buffer: Self.large)))\r\n"
        #expect(text == "* 1 FETCH (\(literal)* 2 FETCH (\(literal)")
        #expect(outcome.completion.condition == .ok)
        #expect(sink.largestOutput <= 512 << 10)
        #expect(sink.flushes > 10)
    }

    @Test func partOfALargeMessage() async throws {
        let fixture = FetchFixture(bytes: [Self.large])
        let partial = Partial(offset: 1_000_000, count: 700_000)
        let (text, _) = try await fixture.fetch([.peek([], nil, partial: partial)])
        let wanted = Self.large.getString(at: 1_000_000, length: 700_000) ?? ""
        #expect(text == "* 1 FETCH (BODY[]<1000000> {700000}\r\n\(wanted))\r\n")
    }

    @Test func brokenOffBeforeAnythingWasSent() async throws {
        // Damage within the first piece: the line is taken back.
        let fixture = FetchFixture(bytes: [Self.large]) { message, _ in message.damagedFrom = 50_000 }
        let (text, outcome) = try await fixture.fetch([.peek()])
        #expect(text == "")
        #expect(outcome.failed.text == "1")
    }

    @Test func brokenOffInTheMiddle() async throws {
        let fixture = FetchFixture(bytes: [Self.large, Self.large]) { message, number in
            if number == 2 { message.damagedFrom = 1_500_000 }
        }
        await #expect {
            try await fixture.fetch([.peek()])
        } throws: { error in
            guard case FetchInterruption.contentLost(let number, .damaged) = error else { return false }
            return number == 2
        }
    }

    @Test func connectionLost() async throws {
        let fixture = FetchFixture(bytes: [Self.large])
        for lostAfter in [0, 1, 5] {
            await #expect {
                try await fixture.fetch([.peek()], sink: StubSink(lostAfter: lostAfter))
            } throws: { error in
                if case FetchInterruption.connectionLost = error { true } else { false }
            }
        }
    }

    @Test func largeBinary() async throws {
        // 3 MB of base64 with CRLF lines; the decoded bytes hold no NUL.
        var message = ByteBuffer(
            string: "MIME-Version: 1.0\r\nContent-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\n")
        let line = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5"
        for _ in 0..<40_000 { message.writeString(line + "\r\n") }
        let decoded = String(repeating: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxy", count: 40_000)
        let fixture = FetchFixture(bytes: [message])
        let sink = StubSink()
        let item = FetchAttribute.binary(part: [1], partial: nil, peek: true)
        let (text, _) = try await fixture.fetch([item, .binarySize(part: [1])], sink: sink)
        #expect(
            text
                == "* 1 FETCH (BINARY[1] {\(decoded.utf8.count)}\r\n\(decoded) BINARY.SIZE[1] \(decoded.utf8.count))\r\n"
        )
        #expect(sink.largestOutput <= 512 << 10)
        let middle = Partial(offset: 1_000_003, count: 500_000)
        let (part, _) = try await fixture.fetch([.binary(part: [1], partial: middle, peek: true)])
        let start = decoded.utf8.index(decoded.startIndex, offsetBy: 1_000_003)
        let wanted = decoded[start..<decoded.utf8.index(start, offsetBy: 500_000)]
        #expect(part == "* 1 FETCH (BINARY[1]<1000003> {500000}\r\n\(wanted))\r\n")
    }

    @Test func manyMessagesAreFlushedOnTheWay() async throws {
        let fixture = FetchFixture(bytes: Array(repeating: ByteBuffer(string: "Subject: s\r\n\r\nx"), count: 5000))
        let sink = StubSink()
        let (text, _) = try await fixture.fetch([.uid, .envelope], sink: sink)
        #expect(text.utf8.filter { $0 == 0x0A }.count == 5000)
        #expect(sink.flushes >= 3)
        #expect(sink.largestOutput < 128 << 10)
    }

    @Test func commandWithUnknownNumberIsRefused() {
        let snapshot = FetchFixture.snapshot(sizes: [1, 2])
        let bad = FetchCommand(messages: .single(3), isUID: false, attributes: [.flags])
        let ignored = FetchCommand(messages: .single(3), isUID: true, attributes: [.flags])
        #expect(FetchRequest(bad, in: snapshot) == nil)
        #expect(FetchRequest(ignored, in: snapshot)?.rows.isEmpty == true)
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
