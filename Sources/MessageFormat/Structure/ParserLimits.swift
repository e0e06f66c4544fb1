/// How much of a message the parser is willing to understand. Beyond a limit the bytes are still counted and every
/// range stays exact; only what could be said about them is less.
package struct ParserLimits: Sendable {
    /// Multiparts and messages inside one another; what lies deeper is a leaf `application/octet-stream`.
    package var depth: Int
    /// Parts of one message; further boundaries are content of the last part.
    package var parts: Int
    /// Bytes of one header field that are kept for the envelope and the MIME fields.
    package var fieldBytes: Int
    /// Bytes of one header that are kept. Past them only `Content-` fields are, to a sixteenth more.
    package var headerBytes: Int
    /// Bytes of all headers together. Past them a header keeps its first 256.
    package var totalHeaderBytes: Int

    package init(
        depth: Int = 100, parts: Int = 10_000, fieldBytes: Int = 128 << 10, headerBytes: Int = 256 << 10,
        totalHeaderBytes: Int = 1 << 20
    ) {
        self.depth = max(1, depth)
        self.parts = max(1, parts)
        self.fieldBytes = max(1024, fieldBytes)
        self.headerBytes = max(4096, headerBytes)
        self.totalHeaderBytes = max(4096, totalHeaderBytes)
    }

    package static let standard = ParserLimits()
}
