import Bytes
package import MailModel
package import NIOCore

/// What the store keeps beside a message, so that lists, ENVELOPE, BODYSTRUCTURE and threads need not read it again.
///
/// Derived data: whoever finds another `version` makes it anew from the message's bytes.
package struct MessageSummary: Sendable, Hashable {
    /// Raised whenever the encoding, or what is derived, changes.
    package static let version = 1

    package var envelope: Envelope
    package var root: MIMEPart
    /// The first words, at most `Preview.length` characters.
    package var preview: String
    /// Without angle brackets.
    package var messageID: ByteBuffer?
    /// The first identifier of In-Reply-To, without angle brackets.
    package var inReplyTo: ByteBuffer?
    /// Oldest first, without angle brackets.
    package var references: [ByteBuffer]
    /// RFC 5256 §2.1; empty where there is no subject.
    package var baseSubject: String
    /// What the Date field says; nil where it says nothing that can be understood.
    package var sentDate: Timestamp?
    /// Bytes of the whole message.
    package var size: Int

    /// Bytes of the message's header with its blank line.
    package var headerSize: Int { root.headerRange.count }

    /// Derives the summary of a message that is in memory.
    package static func make(from structure: MessageStructure, bytes: ByteBuffer) -> MessageSummary {
        make(from: structure) { range in
            let present = range.clamped(to: 0..<bytes.readableBytes)
            return bytes.piece(present)
        }
    }

    /// Derives the summary. `content` is asked for the beginnings of text bodies, 64 KiB at most.
    package static func make(from structure: MessageStructure, content: (Range<Int>) -> ByteBuffer) -> MessageSummary {
        let envelope = structure.envelope
        return MessageSummary(
            envelope: envelope,
            root: structure.root,
            preview: Preview.make(structure.root, content: content),
            messageID: envelope.messageID.flatMap { MessageIDs.first($0) },
            inReplyTo: envelope.inReplyTo.flatMap { MessageIDs.list($0).first },
            references: structure.references.map { MessageIDs.list($0) } ?? [],
            baseSubject: envelope.subject.map { BaseSubject.extract($0) } ?? "",
            sentDate: envelope.date.flatMap { InternetDate.parse($0) },
            size: structure.size)
    }

    /// See `MessageStructure.part(at:)`.
    package func part(at path: [Int]) -> MIMEPart? { root.part(at: path) }
    /// See `MessageStructure.range(of:at:)`.
    package func range(of section: PartSection, at path: [Int]) -> Range<Int>? { root.range(of: section, at: path) }
}
