import NIOCore

/// What a server said, line by line.
struct Lines {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ByteBuffer) { rest = Array(bytes.readableBytesView)[...] }

    var isAtEnd: Bool { rest.isEmpty }

    /// The next line without its CRLF; nil if there is no whole one.
    mutating func next() -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(of: 0x0A) else { return nil }
        let line = rest[..<end]
        rest = rest[(end + 1)...]
        expect(line.last == 0x0D, "a reply ends in a lone LF: \(text(line))")
        let content = line.dropLast()
        expect(!content.contains(0x0D), "a lone CR in a reply: \(text(content))")
        return content
    }

    /// A line of stored mail, in which a CR may stand alone.
    mutating func nextContent() -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(of: 0x0A) else { return nil }
        defer { rest = rest[(end + 1)...] }
        expect(end > rest.startIndex && rest[end - 1] == 0x0D, "a line ends in a lone LF: \(text(rest[..<end]))")
        return rest[..<(end - 1)]
    }

    /// Exactly `count` bytes; nil if there are fewer.
    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// Whether the next line begins so.
    func isNext(_ prefixes: String...) -> Bool { prefixes.contains { rest.starts(with: $0.utf8) } }
}

func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes.prefix(200)), as: UTF8.self) }

extension [UInt8] {
    /// Lines that a client has said, whatever they were meant as.
    var lineCount: Int { count { $0 == 0x0A } }

    /// Whether a number of at least `digits` digits stands somewhere.
    func hasNumber(of digits: Int) -> Bool {
        var run = 0
        for byte in self {
            run = (0x30...0x39).contains(byte) ? run + 1 : 0
            if run >= digits { return true }
        }
        return false
    }
}
