import Bytes
import MessageFormat

/// Looks for needles in text that comes in pieces. Needles are called by the index of their key.
struct TextStream: Sendable {
    private var wanted: [(key: Int, needle: Needle)]
    private(set) var found: Set<Int> = []
    /// The ends of what went by, folded one way and the other: a needle may begin there.
    private var plainTail: [UInt8] = []
    private var unicodeTail: [UInt8] = []

    init(_ needles: [(key: Int, needle: Needle)]) {
        wanted = needles
    }

    var isDone: Bool { wanted.isEmpty }

    /// Begins a text that has nothing to do with the one before.
    mutating func restart() {
        plainTail.removeAll(keepingCapacity: true)
        unicodeTail.removeAll(keepingCapacity: true)
    }

    /// The next bytes of the text; cut between characters.
    mutating func consume(_ utf8: UnsafeRawBufferPointer) {
        consume(utf8, isPlain: true)
        consume(utf8, isPlain: false)
    }

    mutating func consume(_ text: String) {
        var text = text
        text.withUTF8 { consume(UnsafeRawBufferPointer($0)) }
    }

    private mutating func consume(_ utf8: UnsafeRawBufferPointer, isPlain: Bool) {
        let longest = wanted.lazy.filter { $0.needle.isPlain == isPlain }.map(\.needle.bytes.count).max() ?? 0
        guard longest > 0 else { return }
        var text = isPlain ? plainTail : unicodeTail
        text += isPlain ? TextFolding.foldASCII(utf8) : TextFolding.fold(utf8)
        wanted.removeAll { key, needle in
            guard needle.isPlain == isPlain, needle.isIn(folded: text) else { return false }
            found.insert(key)
            return true
        }
        let tail = Array(text.suffix(longest - 1))
        if isPlain { plainTail = tail } else { unicodeTail = tail }
    }
}

/// Takes transfer encoding and charset off a text part that comes in pieces.
struct PartTextDecoder: Sendable {
    private var transfer: TransferDecoder
    private let charset: String
    /// Whether bytes below 0x80 always are ASCII letters in this charset.
    private let containsASCII: Bool
    private var pending: [UInt8] = []

    /// A text without line ends is cut here, perhaps within a character of a charset other than UTF-8.
    private static let longestLine = 64 << 10

    init(_ part: MIMEPart) {
        transfer = TransferDecoder(part.transferEncoding)
        charset = part.charset
        containsASCII = Self.supersets.contains { [charset] in charset.hasPrefix($0) }
    }

    private static let supersets = [
        "us-ascii", "ascii", "utf-8", "utf8", "iso-8859", "windows-", "cp125", "koi8", "latin", "gb", "big5", "euc",
    ]

    /// Calls `body` with the text that can be told so far, as UTF-8.
    mutating func decode(_ bytes: UnsafeRawBufferPointer, isLast: Bool, _ body: (UnsafeRawBufferPointer) -> Void) {
        transfer.decode(bytes, into: &pending)
        if isLast { transfer.finish(into: &pending) }
        let cut = isLast ? pending.count : cutPoint()
        guard cut > 0 else { return }
        pending.withUnsafeBytes { tell(UnsafeRawBufferPointer(rebasing: $0[..<cut]), body) }
        pending.removeFirst(cut)
    }

    private func tell(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        if containsASCII, bytes.allSatisfy({ $0 < 0x80 }) {
            body(bytes)
        } else {
            var text = Charset.decode(bytes, label: charset)
            text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
        }
    }

    /// Behind the last line end, where every charset that mail uses is between characters and in its first state; UTF-16 is
    /// the exception, and rare.
    private func cutPoint() -> Int {
        if let feed = pending.lastIndex(of: ASCII.lf) { return feed + 1 }
        guard pending.count > Self.longestLine else { return 0 }
        // Not within a character of UTF-8.
        var cut = pending.count
        while cut > pending.count - 4, pending[cut - 1] & 0xC0 == 0x80 { cut -= 1 }
        return pending[cut - 1] >= 0xC0 ? cut - 1 : pending.count
    }
}
