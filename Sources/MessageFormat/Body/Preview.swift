import Bytes
package import NIOCore

/// The first words of a message (RFC 8970 §2, RFC 8621 §4.1.4).
package enum Preview {
    /// Characters (Unicode scalars) at most.
    package static let length = 255
    /// Encoded bytes that are looked at: HTML begins with its style.
    private static let plainWindow = 2048
    private static let htmlWindow = 64 << 10

    /// The first words of the first text/plain part that is no attachment, or else of an HTML part; white space is one blank.
    /// `content` gives bytes of the message; it may give fewer.
    package static func make(_ root: MIMEPart, content: (Range<Int>) -> ByteBuffer) -> String {
        var html: MIMEPart?
        var rest: ArraySlice<MIMEPart> = [root]
        while let part = rest.popFirst() {
            if part.isMultipart {
                rest = part.children[...] + rest
            } else if part.mediaType == "text", !part.isAttachment {
                if part.subtype == "html" {
                    if html == nil { html = part }
                } else {
                    let text = plain(part, content)
                    if !text.isEmpty { return text }
                }
            }
        }
        guard let html else { return "" }
        let body = content(window(html, htmlWindow))
        let words = HTMLText.extract(html.decodedText(body), limit: 4 * plainWindow)
        return Array(words.utf8).withUnsafeBytes { collapse($0) }
    }

    private static func window(_ part: MIMEPart, _ length: Int) -> Range<Int> {
        part.bodyRange.lowerBound..<min(part.bodyRange.upperBound, part.bodyRange.lowerBound + length)
    }

    private static func plain(_ part: MIMEPart, _ content: (Range<Int>) -> ByteBuffer) -> String {
        let body = content(window(part, plainWindow))
        let name = part.parameters.first { $0.name == "charset" }.map { $0.value }
        if part.transferEncoding.isIdentity,
            name.map({ $0.equalsIgnoringASCIICase("utf-8") || $0.equalsIgnoringASCIICase("us-ascii") }) ?? true
        {
            return body.withUnsafeReadableBytes { collapse($0) }
        }
        return Array(part.decodedText(body).utf8).withUnsafeBytes { collapse($0) }
    }

    /// White space and controls become one blank; ends after `length` scalars.
    static func collapse(_ bytes: UnsafeRawBufferPointer) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(length + 64)
        var scalars = 0
        var needsBlank = false
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte <= 0x20 || byte == 0x7F {
                needsBlank = scalars > 0
                index += 1
                continue
            }
            if byte >= 0xC0 {
                let blank = invisible(bytes, index)
                if blank > 0 {
                    needsBlank = scalars > 0
                    index += blank
                    continue
                }
            }
            // A scalar is counted at its first byte.
            if byte & 0xC0 != 0x80 {
                if scalars + (needsBlank ? 2 : 1) > length { break }
                scalars += needsBlank ? 2 : 1
                if needsBlank { output.append(ASCII.space) }
                needsBlank = false
            } else if output.isEmpty || output.count >= length * 4 {
                index += 1
                continue
            }
            output.append(byte)
            index += 1
        }
        return text(output)
    }

    /// The output as text, without a last character that the window has cut.
    private static func text(_ output: [UInt8]) -> String {
        guard output.contains(where: { $0 >= 0x80 }) else { return String(decoding: output, as: UTF8.self) }
        var end = output.count
        if let lead = output.suffix(4).lastIndex(where: { $0 >= 0xC0 }) {
            let wanted = output[lead] >= 0xF0 ? 4 : output[lead] >= 0xE0 ? 3 : 2
            if output.count - lead < wanted { end = lead }
        }
        let text = String(decoding: output[..<end], as: UTF8.self)
        // Stray bytes count for nothing above, but each becomes a scalar.
        guard text.unicodeScalars.count > length else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(length)))
    }

    /// The bytes of the no-break space, zero-width characters and soft hyphen that newsletters pad their first line with.
    private static func invisible(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Int {
        guard index + 1 < bytes.count else { return 0 }
        switch (bytes[index], bytes[index + 1]) {
        case (0xC2, 0xA0), (0xC2, 0xAD), (0xCD, 0x8F): return 2
        case (0xE2, 0x80): return index + 2 < bytes.count && (0x80...0x8F).contains(bytes[index + 2]) ? 3 : 0
        case (0xEF, 0xBB): return index + 2 < bytes.count && bytes[index + 2] == 0xBF ? 3 : 0
        default: return 0
        }
    }
}
