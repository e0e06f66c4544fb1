import MailModel
import MailStore
import MessageFormat
import NIOCore

/// A search key that needs more than the snapshot.
enum StoredKey: Hashable, Sendable {
    /// The day of the Date header as its writer saw it, as seconds of that day taken as UTC.
    case sent(Range<Int64>)
    case saved(Range<Int64>)
    case email(String)
    case thread(String)
    case text(TextKey)

    var needsIdentity: Bool {
        switch self {
        case .saved, .email, .thread: true
        case .sent, .text: false
        }
    }

    /// The answer of a row's identity; nil if it has none.
    func answer(_ identity: ItemIdentity) -> Bool? {
        switch self {
        case .saved(let range): range.contains(identity.saved.seconds)
        case .email(let id): "M\(identity.email)" == id
        case .thread(let id): "T\(identity.thread)" == id
        case .sent, .text: nil
        }
    }

    /// The answer of a message's summary; nil if its content must be asked.
    func answer(_ summary: MessageSummary) -> Bool? {
        switch self {
        case .sent(let range): Self.sentSeconds(summary.envelope).map { range.contains($0) } ?? false
        case .text(let key): key.answer(summary.envelope)
        case .saved, .email, .thread: nil
        }
    }

    /// The Date header without its zone, which SENTON and its kin disregard (RFC 9051 §6.4.4).
    private static func sentSeconds(_ envelope: Envelope) -> Int64? {
        guard let date = envelope.date else { return nil }
        let bytes = Array(date.readableBytesView)
        // The zone follows the last colon and two digits.
        let local = bytes.lastIndex(of: 0x3A).map { bytes[..<min($0 + 3, bytes.count)] } ?? bytes[...]
        return InternetDate.parse(String(decoding: local, as: UTF8.self))?.seconds
    }
}
