import MailModel
import MessageFormat
import NIOCore
import Testing

/// Values that would take quadratic time if anything were searched twice.
struct HostileInputTests {
    static let patterns = [
        "=?", "=?a?q?x ", "=?a?q?", "=?utf-8?b?", "?=", "(", ")", "((a", "<", "<@", "<@a,", "a  a ", "a@", "@", ",",
        ";", ":", "a:", "\"", "\\",
        "\"a", "[", "a@[", "=?,", "<a@b>", "<a@b", "a. ", "1 ", "1:", "Jan ", "+1", "; a=", ";a*1=b", "[a]", "Re:",
        "[fwd:", "&", "&#1;",
        "<style>", "<!--", "<a '", "--", "\t", "\u{0}", "=\u{0}", "é",
    ]

    @Test(arguments: patterns)
    func everyReaderEnds(_ pattern: String) {
        let text = String(repeating: pattern, count: 20_000 / pattern.utf8.count)
        let value = ByteBuffer(string: text)
        _ = AddressList.parse(value)
        _ = EncodedWord.decode(value)
        _ = BaseSubject.extract(value)
        _ = MessageIDs.list(value)
        _ = InternetDate.parse(value)
        let message = ByteBuffer(
            string:
                "From: \(text)\r\nSubject: \(text)\r\nDate: \(text)\r\nReferences: \(text)\r\nContent-Type: text/html; a=\(text)\r\n"
                + "Content-Disposition: \(text)\r\n\r\n\(text)")
        let structure = MessageStructure.parse(message)
        checkInvariants(structure, message, pattern)
        let summary = MessageSummary.make(from: structure, bytes: message)
        #expect(MessageSummary(decoding: summary.encode()) == summary)
        _ = structure.root.filename
    }
}
