import Bytes
import MessageFormat
import NIOCore

extension WireText {
    /// The envelope structure (RFC 9051 §7.5.2): NIL for a field that is missing, `""` for one that is empty; encoded words
    /// as they are.
    func write(_ envelope: Envelope, into output: inout ByteBuffer) {
        output.writeInteger(ASCII.leftParenthesis)
        write(envelope.date, into: &output)
        output.writeInteger(ASCII.space)
        write(envelope.subject, into: &output)
        for list in [envelope.from, envelope.sender, envelope.replyTo, envelope.to, envelope.cc, envelope.bcc] {
            output.writeInteger(ASCII.space)
            write(list, into: &output)
        }
        output.writeInteger(ASCII.space)
        write(envelope.inReplyTo, into: &output)
        output.writeInteger(ASCII.space)
        write(envelope.messageID, into: &output)
        output.writeInteger(ASCII.rightParenthesis)
    }

    /// Addresses without anything between them, or NIL (RFC 9051 §9 "env-from"). A group begins with an address that has a
    /// mailbox and no host, and ends with one that has neither (RFC 9051 §7.5.2).
    func write(_ addresses: [MessageAddress], into output: inout ByteBuffer) {
        guard !addresses.isEmpty else {
            output.writeStaticString("NIL")
            return
        }
        output.writeInteger(ASCII.leftParenthesis)
        for address in addresses {
            output.writeInteger(ASCII.leftParenthesis)
            write(address.name, into: &output)
            output.writeInteger(ASCII.space)
            write(address.route, into: &output)
            output.writeInteger(ASCII.space)
            // NIL here would say that a group ends.
            if address.mailbox == nil, address.isMailbox {
                output.writeStaticString("\"\"")
            } else {
                write(address.mailbox, into: &output)
            }
            output.writeInteger(ASCII.space)
            write(address.host, into: &output)
            output.writeInteger(ASCII.rightParenthesis)
        }
        output.writeInteger(ASCII.rightParenthesis)
    }
}
