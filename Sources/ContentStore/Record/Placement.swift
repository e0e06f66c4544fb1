/// Where a record's message was put when it came: what salvage needs to bring it back without the index.
package struct Placement: Hashable, Sendable {
    package enum Kind: UInt8, Sendable {
        case folder = 0
        case queue = 1
    }

    package var kind: Kind
    package var account: Int64
    /// The account's address.
    package var address: String
    package var folder: Int64
    /// The folder's path, levels separated by `/`; empty for system folders, whose ids say all.
    package var path: String
    package var item: Int64
    package var email: Int64
    package var thread: Int64
    package var uid: UInt32
    package var flags: UInt16
    /// Separated by spaces.
    package var keywords: String
    /// Microseconds since 1970.
    package var received: Int64
    package var saved: Int64
    package var envelopeSender: String
    package var envelopeRecipient: String

    package init(
        kind: Kind, account: Int64 = 0, address: String = "", folder: Int64 = 0, path: String = "", item: Int64 = 0,
        email: Int64 = 0, thread: Int64 = 0, uid: UInt32 = 0, flags: UInt16 = 0, keywords: String = "", received: Int64,
        saved: Int64, envelopeSender: String, envelopeRecipient: String
    ) {
        self.kind = kind
        self.account = account
        self.address = address
        self.folder = folder
        self.path = path
        self.item = item
        self.email = email
        self.thread = thread
        self.uid = uid
        self.flags = flags
        self.keywords = keywords
        self.received = received
        self.saved = saved
        self.envelopeSender = envelopeSender
        self.envelopeRecipient = envelopeRecipient
    }

    package static func encode(_ placements: [Placement]) -> [UInt8] {
        var writer = RecordWriter()
        writer.integer(UInt32(truncatingIfNeeded: placements.count))
        for placement in placements {
            writer.integer(placement.kind.rawValue)
            writer.integer(placement.account)
            writer.text(placement.address)
            writer.integer(placement.folder)
            writer.text(placement.path)
            writer.integer(placement.item)
            writer.integer(placement.email)
            writer.integer(placement.thread)
            writer.integer(placement.uid)
            writer.integer(placement.flags)
            writer.text(placement.keywords)
            writer.integer(placement.received)
            writer.integer(placement.saved)
            writer.text(placement.envelopeSender)
            writer.text(placement.envelopeRecipient)
        }
        return writer.output
    }

    package static func decode(_ bytes: [UInt8]) throws(ContentError) -> [Placement] {
        var reader = RecordReader(bytes)
        let damage = ContentError.damaged("placements end early")
        guard let count = reader.integer(UInt32.self) else { throw damage }
        var placements: [Placement] = []
        for _ in 0..<count {
            guard let kind = reader.integer(UInt8.self).flatMap(Kind.init(rawValue:)),
                let account = reader.integer(Int64.self), let address = reader.text(),
                let folder = reader.integer(Int64.self), let path = reader.text(),
                let item = reader.integer(Int64.self), let email = reader.integer(Int64.self),
                let thread = reader.integer(Int64.self), let uid = reader.integer(UInt32.self),
                let flags = reader.integer(UInt16.self), let keywords = reader.text(),
                let received = reader.integer(Int64.self), let saved = reader.integer(Int64.self),
                let sender = reader.text(), let recipient = reader.text()
            else { throw damage }
            placements.append(
                Placement(
                    kind: kind, account: account, address: address, folder: folder, path: path, item: item,
                    email: email,
                    thread: thread, uid: uid, flags: flags, keywords: keywords, received: received, saved: saved,
                    envelopeSender: sender, envelopeRecipient: recipient))
        }
        return placements
    }
}
