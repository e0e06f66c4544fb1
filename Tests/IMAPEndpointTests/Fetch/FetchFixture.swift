import IMAPEndpoint
import IMAPWire
import MailModel
import MailStore
import NIOCore

/// Takes a response, and remembers how it came.
final class StubSink: ResponseSink {
    var output = ByteBuffer()
    private(set) var sent = ByteBuffer()
    private(set) var largestOutput = 0
    private(set) var flushes = 0
    /// After so many flushes the connection is gone.
    let lostAfter: Int

    init(lostAfter: Int = .max) { self.lostAfter = lostAfter }

    func flush() async -> Bool {
        largestOutput = max(largestOutput, output.readableBytes)
        flushes += 1
        guard flushes <= lostAfter else { return false }
        sent.writeBuffer(&output)
        output = ByteBuffer()
        return true
    }

    var isShortOfMemory = false

    func giveWay() async {}

    /// Everything so far, sent or not. Bytes above 0x7F as Latin-1, so that nothing is lost.
    var text: String {
        var text = ""
        for byte in sent.readableBytesView { text.unicodeScalars.append(Unicode.Scalar(byte)) }
        for byte in output.readableBytesView { text.unicodeScalars.append(Unicode.Scalar(byte)) }
        return text
    }
}

/// A folder of messages given as text with CRLF or LF line ends; the n-th has the UID n × 10 and the item n.
struct FetchFixture {
    var account: StubAccount
    let snapshot: MailboxSnapshot

    init(_ texts: [String], change: (inout StubAccount.Message, Int) -> Void = { _, _ in }, isUnavailable: Bool = false)
    {
        self.init(
            bytes: texts.map { ByteBuffer(bytes: Self.bytes($0)) }, change: change, isUnavailable: isUnavailable)
    }

    init(
        bytes: [ByteBuffer], change: (inout StubAccount.Message, Int) -> Void = { _, _ in },
        isUnavailable: Bool = false,
        flags: [SystemFlags] = [], received: [Int64] = []
    ) {
        var messages: [ItemID: StubAccount.Message] = [:]
        for (index, bytes) in bytes.enumerated() {
            var message = StubAccount.Message(bytes)
            change(&message, index + 1)
            messages[ItemID(Int64(index + 1))] = message
        }
        account = StubAccount(messages, isUnavailable: isUnavailable)
        snapshot = Self.snapshot(
            sizes: bytes.map { UInt32($0.readableBytes) }, flags: flags, received: received)
    }

    static func snapshot(
        sizes: [UInt32], flags: [SystemFlags] = [], keywordSets: [UInt16] = [], sets: [Set<Keyword>] = [[]],
        received: [Int64] = [], changes: [Int64] = [], rowsPerChunk: Int = 4
    ) -> MailboxSnapshot {
        var chunks: [MailboxChunk] = []
        var start = 0
        while start < sizes.count {
            let rows = start..<min(start + rowsPerChunk, sizes.count)
            chunks.append(
                MailboxChunk(
                    uids: rows.map { UInt32($0 + 1) * 10 }, items: rows.map { Int64($0 + 1) },
                    flags: rows.map { $0 < flags.count ? flags[$0] : [] },
                    keywordSets: rows.map { $0 < keywordSets.count ? keywordSets[$0] : 0 },
                    changes: rows.map { $0 < changes.count ? changes[$0] : Int64($0 + 1) * 100 },
                    sizes: rows.map { sizes[$0] },
                    received: rows.map { $0 < received.count ? received[$0] : 837_596_665 }))
            start = rows.upperBound
        }
        return MailboxSnapshot(
            folder: FolderID(5), uidValidity: 1, uidNext: UInt32(sizes.count + 1) * 10,
            highestChange: ChangeNumber(99_999),
            chunks: chunks, keywordSets: KeywordSets(sets), unseen: 0)
    }

    /// Line ends become CRLF; the scalars up to U+00FF become bytes.
    static func bytes(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            if scalar == "\n", bytes.last != 0x0D { bytes.append(0x0D) }
            bytes.append(UInt8(truncatingIfNeeded: scalar.value))
        }
        return bytes
    }

    /// The reply to a FETCH of all messages.
    func fetch(
        _ attributes: [FetchAttribute], isUID: Bool = false, changedSince: UInt64? = nil, allowsUTF8: Bool = false,
        sink: StubSink = StubSink()
    ) async throws -> (text: String, outcome: FetchOutcome) {
        let outcome = try await run(
            attributes, isUID: isUID, changedSince: changedSince, allowsUTF8: allowsUTF8, sink: sink)
        return (sink.text, outcome)
    }

    /// The same into a sink.
    func run(
        _ attributes: [FetchAttribute], isUID: Bool = false, changedSince: UInt64? = nil, allowsUTF8: Bool = false,
        sink: StubSink
    ) async throws -> FetchOutcome {
        let request = FetchRequest(
            snapshot: snapshot, rows: RowSelection([0..<snapshot.count]), attributes: attributes, isUID: isUID,
            changedSince: changedSince, allowsUTF8: allowsUTF8)
        var renderer = FetchRenderer(request, store: account, sink: sink)
        return try await renderer.run()
    }

    /// The reply of a folder with one message, line ends as LF.
    static func fetch(_ message: String, _ attributes: FetchAttribute..., allowsUTF8: Bool = false) async throws
        -> String
    {
        let (text, _) = try await FetchFixture([message]).fetch(attributes, allowsUTF8: allowsUTF8)
        return text.unicodeScalars.filter { $0 != "\r" }.reduce(into: "") { $0.unicodeScalars.append($1) }
    }
}

extension FetchAttribute {
    /// `BODY.PEEK[…]`.
    static func peek(_ part: [UInt32] = [], _ text: Section.Text? = nil, partial: Partial? = nil) -> FetchAttribute {
        .section(Section(part: part, text: text), partial: partial, peek: true)
    }
}
