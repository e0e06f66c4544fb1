import Bytes
package import NIOCore

/// `=?charset?encoding?text?=` (RFC 2047).
package enum EncodedWord {
    /// `value` with its encoded words decoded. Blanks between two of them vanish (RFC 2047 §6.2). What is no encoded word
    /// stays as it is; bytes that are not UTF-8 become U+FFFD.
    package static func decode(_ value: ByteBuffer) -> String {
        value.withUnsafeReadableBytes { decode($0) }
    }

    package static func decode(_ bytes: UnsafeRawBufferPointer) -> String {
        guard let first = opening(bytes, 0) else { return String(decoding: bytes, as: UTF8.self) }
        var output = ""
        var plainStart = 0
        var search = first
        // Words of one charset are joined before conversion: many programs split within a character.
        var pending: [UInt8] = []
        var pendingCharset = ""
        func flush() {
            guard !pendingCharset.isEmpty else { return }
            output += Charset.decode(pending, label: pendingCharset)
            pending.removeAll(keepingCapacity: true)
            pendingCharset = ""
        }
        // Behind the last `?=` no word can end; without this, openings without an end would each be searched to the end.
        let lastEnd = lastClosing(bytes)
        while let start = opening(bytes, search), start < lastEnd {
            guard let word = Word(bytes, start) else {
                search = start + 2
                continue
            }
            let gap = plainStart..<start
            let isAdjacent = !pendingCharset.isEmpty && gap.allSatisfy { bytes[$0].isFoldingSpace }
            if !isAdjacent {
                flush()
                output += String(decoding: UnsafeRawBufferPointer(rebasing: bytes[gap]), as: UTF8.self)
            } else if pendingCharset != word.charset {
                flush()
            }
            pendingCharset = word.charset
            word.append(bytes, to: &pending)
            plainStart = word.end
            search = word.end
        }
        flush()
        output += String(decoding: UnsafeRawBufferPointer(rebasing: bytes[plainStart...]), as: UTF8.self)
        return output
    }

    /// The offset of the next `=?`.
    private static func opening(_ bytes: UnsafeRawBufferPointer, _ from: Int) -> Int? {
        var index = from
        while let found = bytes.offset(of: ASCII.equals, from: index) {
            if found + 1 < bytes.count, bytes[found + 1] == 0x3F { return found }
            index = found + 1
        }
        return nil
    }

    /// The offset of the last `?=`, or 0.
    private static func lastClosing(_ bytes: UnsafeRawBufferPointer) -> Int {
        var index = bytes.count - 2
        while index > 0, bytes[index] != 0x3F || bytes[index + 1] != ASCII.equals { index -= 1 }
        return max(index, 0)
    }

    private struct Word {
        var charset: String
        var isBase64: Bool
        var text: Range<Int>
        var end: Int

        init?(_ bytes: UnsafeRawBufferPointer, _ start: Int) {
            let question: UInt8 = 0x3F
            let charsetStart = start + 2
            guard let charsetEnd = bytes.offset(of: question, from: charsetStart), charsetEnd - charsetStart <= 100,
                charsetEnd > charsetStart, charsetEnd + 2 < bytes.count, bytes[charsetEnd + 2] == question
            else { return nil }
            switch bytes[charsetEnd + 1].asciiLowercased {
            case 0x62: isBase64 = true
            case 0x71: isBase64 = false
            default: return nil
            }
            let textStart = charsetEnd + 3
            var index = textStart
            // RFC 2047 §2 allows no blank inside; unencoded blanks in Q words are too common to be refused. Line ends are
            // gone by now.
            while true {
                guard let mark = bytes.offset(of: question, from: index) else { return nil }
                if mark + 1 < bytes.count, bytes[mark + 1] == ASCII.equals {
                    index = mark
                    break
                }
                // `?` in the text of a Q word: written by some programs.
                if isBase64 { return nil }
                index = mark + 1
            }
            text = textStart..<index
            end = index + 2
            let label = UnsafeRawBufferPointer(rebasing: bytes[charsetStart..<charsetEnd])
            guard !label.contains(where: { $0 <= 0x20 || $0 == ASCII.equals }) else { return nil }
            // RFC 2231 §5: `charset*language`.
            charset = String(decoding: label.prefix { $0 != ASCII.asterisk }.map(\.asciiLowercased), as: UTF8.self)
            guard !charset.isEmpty else { return nil }
        }

        func append(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
            if isBase64 {
                var decoder = ForgivingBase64()
                decoder.decode(UnsafeRawBufferPointer(rebasing: bytes[text]), into: &output)
                decoder.finish(into: &output)
                return
            }
            var index = text.lowerBound
            while index < text.upperBound {
                let byte = bytes[index]
                if byte == ASCII.underscore {
                    output.append(ASCII.space)
                } else if byte == ASCII.equals, index + 2 < text.upperBound,
                    let high = bytes[index + 1].hexadecimalValue, let low = bytes[index + 2].hexadecimalValue
                {
                    output.append(high << 4 | low)
                    index += 2
                } else {
                    output.append(byte)
                }
                index += 1
            }
        }
    }
}
