import Logging
import MailModel
import MailStore
import POP3Wire
import SessionIO

extension POP3Session {
    /// LIST and UIDL of all messages, sent in slices.
    func list(_ listing: POP3Listing) async -> Next {
        var listing = listing
        while true {
            switch listing.write(machine.maildrop, into: &connection.output, limit: Self.sliceSize) {
            case .finished:
                return .more
            case .full:
                guard await flushSlice() else { return .end }
            case .needsUniqueIDs(let range):
                guard await resolve(range) else {
                    // Half a listing cannot be taken back, and a client would take missing messages for deleted ones.
                    connection.closeNow()
                    return .end
                }
            }
        }
    }

    /// UIDL of one message.
    func uniqueID(of index: Int) async {
        if index >= machine.maildrop.resolvedCount {
            guard await resolve(index..<(index + 1)) else {
                reply(.error("Unique ids are not available now.", code: .temporary))
                return
            }
        }
        reply(.ok("\(index + 1) \(machine.maildrop.uniqueID(index))"))
    }

    /// An import may have brought unique ids along, which clients know their messages by.
    private func resolve(_ range: Range<Int>) async -> Bool {
        guard let maildrop else { return false }
        let items = range.map { ItemID(machine.maildrop.ids[$0]) }
        do throws(StoreError) {
            let identities = try await maildrop.store.identities(of: items)
            machine.resolve(range, uniqueIDs: identities.map { $0?.uidl })
            return true
        } catch {
            log(error, "unique ids cannot be read")
            return false
        }
    }
}
