package import NIOCore

/// What IMAP calls the envelope (RFC 9051 §7.5.2): header values unfolded but not decoded.
package struct Envelope: Sendable, Hashable {
    package var date: ByteBuffer?
    package var subject: ByteBuffer?
    package var from: [MessageAddress] = []
    /// As written, or `from` where the field is missing or empty (RFC 9051 §7.5.2).
    package var sender: [MessageAddress] = []
    /// As written, or `from` where the field is missing or empty.
    package var replyTo: [MessageAddress] = []
    package var to: [MessageAddress] = []
    package var cc: [MessageAddress] = []
    package var bcc: [MessageAddress] = []
    package var inReplyTo: ByteBuffer?
    package var messageID: ByteBuffer?

    package init() {}
}

/// One element of an address list, in the shape of IMAP's address structure.
///
/// A group is a `groupStart`, its members and a `groupEnd`.
package struct MessageAddress: Sendable, Hashable {
    /// The display name, unquoted, encoded words not decoded.
    package var name: ByteBuffer?
    /// The obsolete source route, `@a,@b` (RFC 5322 §4.4).
    package var route: ByteBuffer?
    /// The local part without quotes; the group's name where `host` is nil; nil at the end of a group.
    package var mailbox: ByteBuffer?
    /// The domain as written; empty where the address has none; nil for group markers.
    package var host: ByteBuffer?

    package init(name: ByteBuffer? = nil, route: ByteBuffer? = nil, mailbox: ByteBuffer? = nil, host: ByteBuffer? = nil)
    {
        self.name = name
        self.route = route
        self.mailbox = mailbox
        self.host = host
    }

    package static func groupStart(_ name: ByteBuffer) -> MessageAddress { MessageAddress(mailbox: name) }
    package static let groupEnd = MessageAddress()

    package var isGroupStart: Bool { host == nil && mailbox != nil }
    package var isGroupEnd: Bool { host == nil && mailbox == nil }
    package var isMailbox: Bool { host != nil }

    /// The display name, or the group's name, decoded (RFC 2047).
    package var decodedName: String? {
        (isGroupStart ? mailbox : name).map { EncodedWord.decode($0) }
    }

    /// `local@domain` as text, without quoting; nil for group markers and where there is no domain.
    package var addressText: String? {
        guard let mailbox, let host, host.readableBytes > 0 else { return nil }
        return mailbox.text + "@" + host.text
    }
}
