import MailModel
import MessageFormat
import NIOCore

/// The value of one header field, read as everything that a field can be.
enum HeaderTarget {
    static func run(_ bytes: [UInt8]) {
        let value = ByteBuffer(bytes: bytes)
        _ = AddressList.parse(value)
        _ = EncodedWord.decode(value)
        _ = BaseSubject.extract(value)
        for id in MessageIDs.list(value) { expect(id.readableBytes > 0, "an empty message id") }
        _ = MessageIDs.first(value)
        if let time = InternetDate.parse(value) {
            let text = InternetDate.format(time, offsetMinutes: 0)
            expect(InternetDate.parse(text) == time, "the date \(text) changes when it is written")
        }
        for field in HeaderBlock(value) { _ = (field.name, field.decodedValue) }
        _ = HeaderBlock(value).selecting(["subject", "x"])
        _ = HeaderBlock(value).selecting(["subject", "x"], excluding: true)

        let text = String(decoding: bytes, as: UTF8.self)
        _ = HTMLText.extract(text)
        if let end = bytes.firstIndex(of: 0x3A) {
            let label = String(decoding: bytes[..<end], as: UTF8.self)
            _ = Charset.decode(bytes[(end + 1)...], label: label)
        }
        build(text)
    }

    /// What we write ourselves must read back.
    private static func build(_ text: String) {
        var builder = MessageBuilder(allowsUTF8: false)
        builder.add("Subject", text: text)
        builder.add("To", addresses: [(name: text, address: "a@example.test")])
        builder.setBody(.text(text))
        let message = builder.build()
        let summary = MessageSummary.make(from: MessageStructure.parse(message), bytes: message)
        expect(summary.envelope.to.count == 1, "a display name becomes \(summary.envelope.to.count) addresses")
        expect(summary.root.children.isEmpty && summary.root.mediaType == "text", "a subject breaks the header")
    }
}
