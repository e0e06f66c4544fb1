import ContentStore
import Testing

@Suite struct RecordHeaderTests {
    private let header = RecordHeader(
        codec: .zstd, placementsLength: 77, storedLength: 1000, rawLength: 4000,
        digest: [UInt8](repeating: 9, count: 32),
        received: 1_700_000_000_000_000, contentID: 42, payloadChecksum: 0xDEAD_BEEF)

    @Test func comesBackAsItWas() throws {
        let bytes = header.encoded()
        #expect(bytes.count == RecordHeader.length)
        #expect(try RecordHeader(decoding: bytes) == header)
    }

    @Test func everyFlippedByteIsFound() {
        let bytes = header.encoded()
        for index in bytes.indices {
            var wrong = bytes
            wrong[index] ^= 0x10
            #expect(throws: ContentError.self) { try RecordHeader(decoding: wrong) }
        }
        #expect(throws: ContentError.self) { try RecordHeader(decoding: bytes.dropLast()) }
    }

    @Test func placementsComeBackAndMayEndNowhere() throws {
        let placement = Placement(
            kind: .folder, account: 1, address: "a@b", folder: 300, path: "Work/Caf\u{E9}", item: 9, email: 9,
            thread: 7, uid: 3,
            flags: 5, keywords: "A b", received: 1, saved: 2, envelopeSender: "s@x", envelopeRecipient: "a@b")
        let bytes = Placement.encode([placement, placement])
        #expect(try Placement.decode(bytes) == [placement, placement])
        for count in 0..<bytes.count {
            #expect(throws: ContentError.self) { try Placement.decode(Array(bytes.prefix(count))) }
        }
    }
}
