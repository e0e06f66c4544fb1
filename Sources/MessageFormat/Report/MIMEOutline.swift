package import NIOCore

/// A message's structure as a person reads it: the envelope's fields, then a line for each part.
package enum MIMEOutline {
    private static let shown = ["from", "to", "cc", "subject", "date", "message-id"]

    package static func text(for bytes: ByteBuffer) -> String {
        let root = MessageStructure.parse(bytes).root
        var lines: [String] = []
        for field in HeaderBlock(bytes.piece(root.headerRange)) where shown.contains(field.name.lowercased()) {
            lines.append("\(field.name): \(field.decodedValue)")
        }
        if !lines.isEmpty { lines.append("") }
        append(root, number: [], depth: 0, to: &lines)
        return lines.joined(separator: "\n")
    }

    /// Depth is bounded by the parser's limit on nesting.
    private static func append(_ part: MIMEPart, number: [Int], depth: Int, to lines: inout [String]) {
        var line = String(repeating: "  ", count: depth)
        line += number.isEmpty ? "" : number.map { String($0) }.joined(separator: ".") + " "
        line += "\(part.contentType), \(part.transferEncoding.rawValue), \(part.size) bytes, \(part.lineCount) lines"
        if part.mediaType == "text" { line += ", \(part.charset)" }
        if let disposition = part.disposition { line += ", \(disposition.kind)" }
        if let name = part.filename { line += " “\(name)”" }
        line += ", at \(part.headerRange.lowerBound)"
        lines.append(line)
        for (index, child) in part.children.enumerated() {
            append(child, number: number + [index + 1], depth: depth + 1, to: &lines)
        }
    }
}
