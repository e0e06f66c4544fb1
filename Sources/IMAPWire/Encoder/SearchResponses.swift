import Bytes
package import MailModel
package import NIOCore

/// What a search found, as sequence numbers or UIDs; ascending.
package struct SearchResult: Sendable {
    package var numbers: [UInt32]
    /// The highest MODSEQ among them, if the key asked for mod-sequences (RFC 7162 §3.1.5).
    package var highestModSequence: ChangeNumber?

    package init(numbers: [UInt32], highestModSequence: ChangeNumber? = nil) {
        self.numbers = numbers
        self.highestModSequence = highestModSequence
    }
}

extension ByteBuffer {
    /// `* SEARCH n …` (RFC 3501 §7.2.5).
    package mutating func writeIMAPSearch(_ result: SearchResult) {
        writeStaticString("* SEARCH")
        for number in result.numbers {
            writeInteger(ASCII.space)
            writeDecimal(number)
        }
        if let highest = result.highestModSequence, !result.numbers.isEmpty {
            writeStaticString(" (MODSEQ ")
            writeDecimal(highest.rawValue)
            writeInteger(ASCII.rightParenthesis)
        }
        writeStaticString("\r\n")
    }

    /// `* ESEARCH (TAG "…") UID ALL …` (RFC 4731 §3.1).
    package mutating func writeIMAPExtendedSearch(
        _ result: SearchResult, tag: String, isUID: Bool, returns: SearchReturn
    ) {
        writeStaticString("* ESEARCH (TAG ")
        // The tag as a string, whatever characters it has (RFC 9051 §7.3.4).
        writeIMAPString(tag)
        writeInteger(ASCII.rightParenthesis)
        if isUID { writeStaticString(" UID") }
        if let first = result.numbers.first, let last = result.numbers.last {
            if returns.contains(.min) {
                writeStaticString(" MIN ")
                writeDecimal(first)
            }
            if returns.contains(.max) {
                writeStaticString(" MAX ")
                writeDecimal(last)
            }
            if returns.contains(.all) {
                writeStaticString(" ALL ")
                writeIMAPNumbers(NumberSet(result.numbers))
            }
        }
        if returns.contains(.count) {
            writeStaticString(" COUNT ")
            writeDecimal(result.numbers.count)
        }
        if let highest = result.highestModSequence, !result.numbers.isEmpty {
            writeStaticString(" MODSEQ ")
            writeDecimal(highest.rawValue)
        }
        writeStaticString("\r\n")
    }
}
