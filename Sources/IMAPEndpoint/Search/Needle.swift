import Bytes

/// A text to be found, folded.
struct Needle: Hashable, Sendable {
    let bytes: [UInt8]
    /// No letter beyond ASCII can fold to a part of it (but for the Kelvin sign and two old forms of i and s), so those in the
    /// text searched need no folding.
    let isPlain: Bool

    init(_ text: String) {
        bytes = TextFolding.fold(text)
        isPlain = bytes.allSatisfy { $0 < 0x80 } && !zip(bytes, bytes.dropFirst()).contains(where: Self.isDigraph)
    }

    /// What ß and the ligatures fold to: ss, ff, fi, fl and st.
    private static func isDigraph(_ first: UInt8, _ second: UInt8) -> Bool {
        switch (first, second) {
        case (UInt8(ascii: "s"), UInt8(ascii: "s")), (UInt8(ascii: "s"), UInt8(ascii: "t")): true
        case (UInt8(ascii: "f"), UInt8(ascii: "f")), (UInt8(ascii: "f"), UInt8(ascii: "i")): true
        case (UInt8(ascii: "f"), UInt8(ascii: "l")): true
        default: false
        }
    }

    func isIn(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { isIn(utf8: UnsafeRawBufferPointer($0)) }
    }

    func isIn(utf8: UnsafeRawBufferPointer) -> Bool {
        isIn(folded: isPlain ? TextFolding.foldASCII(utf8) : TextFolding.fold(utf8))
    }

    func isIn(folded: [UInt8]) -> Bool {
        guard !bytes.isEmpty else { return true }
        return folded.withUnsafeBytes { text in bytes.withUnsafeBytes { text.offset(ofSequence: $0) } } != nil
    }
}
