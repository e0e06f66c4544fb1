import Bytes
package import NIOCore

/// The subject without what replies and forwards add (RFC 5256 §2.1), by which messages are threaded and sorted.
package enum BaseSubject {
    /// Bytes of a subject that are looked at.
    private static let limit = 2000

    /// The base of a Subject field that is unfolded but not decoded. Letters keep their case.
    package static func extract(_ subject: ByteBuffer) -> String {
        let isPlain = subject.withUnsafeReadableBytes { bytes in
            bytes.count <= limit && bytes.allSatisfy { $0 >= 0x20 && $0 < 0x80 && $0 != ASCII.equals }
        }
        var text = isPlain ? Array(subject.readableBytesView) : Array(EncodedWord.decode(subject).utf8)
        if text.count > limit { text.removeSubrange(limit...) }
        return String(decoding: extract(text), as: UTF8.self)
    }

    private static func extract(_ subject: [UInt8]) -> [UInt8] {
        // Step 1: white space is one blank.
        var text: [UInt8] = []
        text.reserveCapacity(subject.count)
        for byte in subject {
            let isSpace = byte.isFoldingSpace
            if !isSpace { text.append(byte) } else if text.last != ASCII.space { text.append(ASCII.space) }
        }
        var rest = text[...]
        while true {
            // Step 2: trailers.
            while true {
                if rest.last == ASCII.space {
                    rest.removeLast()
                } else if ends(rest, "(fwd)") {
                    rest.removeLast(5)
                } else {
                    break
                }
            }
            // Steps 3 to 5: leaders, and blobs that leave something.
            while true {
                if let length = leader(rest) {
                    rest.removeFirst(length)
                } else if let length = blob(rest, rest.startIndex), length < rest.count {
                    rest.removeFirst(length)
                } else {
                    break
                }
            }
            // Step 6.
            guard starts(rest, "[fwd:"), rest.last == ASCII.rightBracket else { return Array(rest) }
            rest = rest.dropFirst(5).dropLast()
        }
    }

    /// The length of `(*subj-blob subj-refwd) / WSP` at the start.
    private static func leader(_ text: ArraySlice<UInt8>) -> Int? {
        if text.first == ASCII.space { return 1 }
        var index = text.startIndex
        while let length = blob(text, index) { index += length }
        let word = text[index...]
        if starts(word, "re") {
            index += 2
        } else if starts(word, "fwd") {
            index += 3
        } else if starts(word, "fw") {
            index += 2
        } else {
            return nil
        }
        while index < text.endIndex, text[index] == ASCII.space { index += 1 }
        if let length = blob(text, index) { index += length }
        guard index < text.endIndex, text[index] == ASCII.colon else { return nil }
        return index + 1 - text.startIndex
    }

    /// The length of `"[" *BLOBCHAR "]" *WSP` at `start`.
    private static func blob(_ text: ArraySlice<UInt8>, _ start: Int) -> Int? {
        guard start < text.endIndex, text[start] == ASCII.leftBracket else { return nil }
        var index = start + 1
        while index < text.endIndex, text[index] != ASCII.rightBracket {
            if text[index] == ASCII.leftBracket { return nil }
            index += 1
        }
        guard index < text.endIndex else { return nil }
        index += 1
        while index < text.endIndex, text[index] == ASCII.space { index += 1 }
        return index - start
    }

    private static func starts(_ text: ArraySlice<UInt8>, _ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard text.count >= count else { return false }
        return (0..<count).allSatisfy { text[text.startIndex + $0].asciiLowercased == word.utf8Start[$0] }
    }

    private static func ends(_ text: ArraySlice<UInt8>, _ word: StaticString) -> Bool {
        starts(text.suffix(word.utf8CodeUnitCount), word)
    }
}
