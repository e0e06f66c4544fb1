import Bytes

/// A text to be found, folded.
struct Needle: Hashable, Sendable {
    let bytes: [UInt8]
    /// Bytes above 0x7F in the text searched cannot be part of it, so they need no folding.
    let isASCII: Bool

    init(_ text: String) {
        bytes = TextFolding.fold(text)
        isASCII = bytes.allSatisfy { $0 < 0x80 }
    }

    func isIn(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { isIn(utf8: UnsafeRawBufferPointer($0)) }
    }

    func isIn(utf8: UnsafeRawBufferPointer) -> Bool {
        isIn(folded: isASCII ? TextFolding.foldASCII(utf8) : TextFolding.fold(utf8))
    }

    func isIn(folded: [UInt8]) -> Bool {
        guard !bytes.isEmpty else { return true }
        return folded.withUnsafeBytes { text in bytes.withUnsafeBytes { text.offset(ofSequence: $0) } } != nil
    }
}
