import Bytes
import MessageFormat
import NIOCore

/// Writes BODY and BODYSTRUCTURE (RFC 9051 §7.5.2).
struct BodyStructureWriter {
    let text: WireText
    /// With extension data: BODYSTRUCTURE. Without: BODY.
    let isExtended: Bool

    func write(_ part: MIMEPart, into output: inout ByteBuffer) {
        output.writeInteger(ASCII.leftParenthesis)
        if part.isMultipart {
            writeMultipart(part, into: &output)
        } else {
            writeSingle(part, into: &output)
        }
        output.writeInteger(ASCII.rightParenthesis)
    }

    private func writeMultipart(_ part: MIMEPart, into output: inout ByteBuffer) {
        // body-type-mpart needs at least one body.
        if part.children.isEmpty { write(MIMEPart(), into: &output) }
        for child in part.children { write(child, into: &output) }
        output.writeInteger(ASCII.space)
        text.write(part.subtype, into: &output)
        guard isExtended else { return }
        output.writeInteger(ASCII.space)
        write(part.parameters, into: &output)
        writeTail(part, into: &output)
    }

    private func writeSingle(_ part: MIMEPart, into output: inout ByteBuffer) {
        text.write(part.mediaType, into: &output)
        output.writeInteger(ASCII.space)
        text.write(part.subtype, into: &output)
        output.writeInteger(ASCII.space)
        if part.mediaType == "text", !part.parameters.contains(where: { $0.name.hasPrefix("charset") }) {
            // RFC 2045 §5.2, RFC 2046 §4.1.2: what a text without a charset means. Clients of Cyrus and Dovecot, which both
            // say it, may rely on it.
            write(part.parameters + [Self.defaultCharset], into: &output)
        } else {
            write(part.parameters, into: &output)
        }
        output.writeInteger(ASCII.space)
        text.write(part.contentID, into: &output)
        output.writeInteger(ASCII.space)
        text.write(part.contentDescription, into: &output)
        output.writeInteger(ASCII.space)
        text.write(part.transferEncoding.rawValue, into: &output)
        output.writeInteger(ASCII.space)
        output.writeDecimal(UInt64(part.size))
        if part.mediaType == "text" {
            output.writeInteger(ASCII.space)
            output.writeDecimal(UInt64(part.lineCount))
        } else if isMessage(part) {
            output.writeInteger(ASCII.space)
            text.write(part.envelope ?? Envelope(), into: &output)
            output.writeInteger(ASCII.space)
            write(part.message ?? MIMEPart(), into: &output)
            output.writeInteger(ASCII.space)
            output.writeDecimal(UInt64(part.lineCount))
        }
        guard isExtended else { return }
        output.writeInteger(ASCII.space)
        text.write(part.md5, into: &output)
        writeTail(part, into: &output)
    }

    /// Whether the part is written with the envelope and body of the message in it. `message/rfc822` must be, even where
    /// nothing is known of its message; `message/global` is media-basic for IMAP4rev1 and media-message once UTF-8 is
    /// enabled (RFC 3501 §9, RFC 9051 §9).
    private func isMessage(_ part: MIMEPart) -> Bool {
        guard part.mediaType == "message" else { return false }
        return part.subtype == "rfc822" || (part.subtype == "global" && text.allowsUTF8 && part.isMessage)
    }

    /// Disposition, language and location.
    private func writeTail(_ part: MIMEPart, into output: inout ByteBuffer) {
        output.writeInteger(ASCII.space)
        if let disposition = part.disposition {
            output.writeInteger(ASCII.leftParenthesis)
            text.write(disposition.kind, into: &output)
            output.writeInteger(ASCII.space)
            write(disposition.parameters, into: &output)
            output.writeInteger(ASCII.rightParenthesis)
        } else {
            output.writeStaticString("NIL")
        }
        output.writeInteger(ASCII.space)
        if part.languages.isEmpty {
            output.writeStaticString("NIL")
        } else {
            output.writeInteger(ASCII.leftParenthesis)
            for (index, language) in part.languages.enumerated() {
                if index > 0 { output.writeInteger(ASCII.space) }
                text.write(language, into: &output)
            }
            output.writeInteger(ASCII.rightParenthesis)
        }
        output.writeInteger(ASCII.space)
        text.write(part.location, into: &output)
    }

    private func write(_ parameters: [MIMEParameter], into output: inout ByteBuffer) {
        guard !parameters.isEmpty else {
            output.writeStaticString("NIL")
            return
        }
        output.writeInteger(ASCII.leftParenthesis)
        for (index, parameter) in parameters.enumerated() {
            if index > 0 { output.writeInteger(ASCII.space) }
            text.write(parameter.name, into: &output)
            output.writeInteger(ASCII.space)
            text.write(parameter.value, into: &output)
        }
        output.writeInteger(ASCII.rightParenthesis)
    }

    private static let defaultCharset = MIMEParameter(name: "charset", value: ByteBuffer(string: "us-ascii"))
}
