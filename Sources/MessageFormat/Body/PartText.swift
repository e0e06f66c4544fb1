package import NIOCore

extension MIMEPart {
    /// The body of a text part as text: transfer encoding and charset taken off. `body` is what `bodyRange` covers, or the
    /// beginning of it.
    package func decodedText(_ body: ByteBuffer) -> String {
        let content = TransferDecoder.decode(body, transferEncoding)
        let label = mediaType == "text" ? charset : "utf-8"
        return content.withUnsafeReadableBytes { Charset.decode($0, label: label) }
    }
}
