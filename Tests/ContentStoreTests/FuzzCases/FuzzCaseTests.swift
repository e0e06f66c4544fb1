import ContentStore
import Testing

/// What `make fuzz` has found.
@Suite struct FuzzCaseTests {
    /// A record kept as received whose two lengths differ was read past its end.
    @Test(arguments: [(44, 45), (45, 44), (0, 1), (300_000, 44)])
    func lengthsOfAnIdentityRecordMustAgree(stored: Int, raw: Int) {
        let header = RecordHeader(
            codec: .identity, placementsLength: 0, storedLength: stored, rawLength: raw,
            digest: [UInt8](repeating: 0, count: 32), received: 0, contentID: 1, payloadChecksum: 0)
        #expect(throws: ContentError.damaged("a record has an impossible length")) {
            try RecordHeader(decoding: header.encoded())
        }
    }
}
