package import NIOCore

/// What `martlet check mime` tells of a message.
package enum MIMEReport {
    /// One JSON object for the message; its parts are objects of the same shape.
    ///
    /// `type` is lower-case; `parameters` are decoded; `headers` are in order, decoded; `offset` is where the part's header
    /// begins, `bodyOffset` where its encoded body of `size` bytes and `lines` line ends begins; `text` is the decoded text
    /// of a text part, else null.
    package static func json(for bytes: ByteBuffer) -> String {
        var writer = JSONText()
        part(MessageStructure.parse(bytes).root, bytes, &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func part(_ part: MIMEPart, _ bytes: ByteBuffer, _ writer: inout JSONText) {
        writer.raw("{\"type\":")
        writer.string(part.contentType)
        writer.raw(",\"parameters\":{")
        for (index, parameter) in MIMEParameter.decodedAll(part.parameters).enumerated() {
            if index > 0 { writer.raw(",") }
            writer.string(parameter.name)
            writer.raw(":")
            writer.string(parameter.value)
        }
        writer.raw("},\"encoding\":")
        writer.string(part.transferEncoding.rawValue)
        writer.raw(",\"disposition\":")
        writer.string(part.disposition?.kind)
        writer.raw(",\"filename\":")
        writer.string(part.filename)
        writer.raw(",\"headers\":[")
        for (index, field) in HeaderBlock(bytes.piece(part.headerRange)).enumerated() {
            if index > 0 { writer.raw(",") }
            writer.raw("[")
            writer.string(field.name)
            writer.raw(",")
            writer.string(field.decodedValue)
            writer.raw("]")
        }
        writer.raw("],\"offset\":")
        writer.number(part.headerRange.lowerBound)
        writer.raw(",\"bodyOffset\":")
        writer.number(part.bodyRange.lowerBound)
        writer.raw(",\"size\":")
        writer.number(part.size)
        writer.raw(",\"lines\":")
        writer.number(part.lineCount)
        writer.raw(",\"text\":")
        writer.string(part.mediaType == "text" ? part.decodedText(bytes.piece(part.bodyRange)) : nil)
        writer.raw(",\"parts\":[")
        for (index, child) in part.children.enumerated() {
            if index > 0 { writer.raw(",") }
            self.part(child, bytes, &writer)
        }
        writer.raw("]}")
    }
}
