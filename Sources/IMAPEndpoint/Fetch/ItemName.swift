import Bytes
import IMAPWire
import NIOCore

extension ByteBuffer {
    /// `BODY[1.2.HEADER.FIELDS (From To)]<0> `: the name of a section item in a reply, with the space behind it. `.PEEK` and
    /// the length of a partial are not repeated (RFC 9051 §7.5.2).
    mutating func writeSectionName(_ section: Section, partial: Partial?) {
        writeStaticString("BODY[")
        writePartNumbers(section.part)
        if let text = section.text {
            if !section.part.isEmpty { writeInteger(ASCII.dot) }
            switch text {
            case .header: writeStaticString("HEADER")
            case .headerFields(let names):
                writeStaticString("HEADER.FIELDS ")
                writeFieldNames(names)
            case .headerFieldsNot(let names):
                writeStaticString("HEADER.FIELDS.NOT ")
                writeFieldNames(names)
            case .text: writeStaticString("TEXT")
            case .mime: writeStaticString("MIME")
            }
        }
        writeItemEnd(partial)
    }

    /// `BINARY[1.2]<0> ` (RFC 3516 §4.3).
    mutating func writeBinaryName(_ part: [UInt32], partial: Partial?) {
        writeStaticString("BINARY[")
        writePartNumbers(part)
        writeItemEnd(partial)
    }

    mutating func writeBinarySizeName(_ part: [UInt32]) {
        writeStaticString("BINARY.SIZE[")
        writePartNumbers(part)
        writeItemEnd(nil)
    }

    private mutating func writeItemEnd(_ partial: Partial?) {
        writeInteger(ASCII.rightBracket)
        if let partial {
            writeInteger(ASCII.less)
            writeDecimal(UInt64(max(0, partial.offset)))
            writeInteger(ASCII.greater)
        }
        writeInteger(ASCII.space)
    }

    private mutating func writePartNumbers(_ part: [UInt32]) {
        for (index, number) in part.enumerated() {
            if index > 0 { writeInteger(ASCII.dot) }
            writeDecimal(UInt64(number))
        }
    }

    private mutating func writeFieldNames(_ names: [String]) {
        writeInteger(ASCII.leftParenthesis)
        for (index, name) in names.enumerated() {
            if index > 0 { writeInteger(ASCII.space) }
            writeIMAPAString(name)
        }
        writeInteger(ASCII.rightParenthesis)
    }
}
