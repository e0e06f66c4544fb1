package import IMAPWire
package import MailStore

/// What became of a FETCH that ran to its end.
package struct FetchOutcome: Sendable {
    /// Messages whose content was sent by an item that marks it as seen, and that lack \Seen in the snapshot. The session adds the
    /// flag, and the client learns of it as of any other change (RFC 9051 §6.4.5).
    package internal(set) var unseen: [UInt32] = []
    /// Message numbers left out because the message is gone; the client will be told by EXPUNGE later (RFC 2180 §4.1.2).
    package internal(set) var expunged = NumberSet()
    /// Message numbers left out because their stored content could not be read.
    package internal(set) var failed = NumberSet()
    /// The first reason for `failed`, for the log.
    package internal(set) var failure: StoreError?
    /// Message numbers left out because a transfer encoding is unknown (RFC 3516 §4.3).
    package internal(set) var undecodable = NumberSet()

    /// The tagged reply.
    package var completion: (condition: Condition, code: ResponseCode?, text: String) {
        if !failed.isEmpty {
            let code: ResponseCode = failure?.isTransient == true ? .unavailable : ResponseCode("CORRUPTION")
            return (.no, code, "Could not read message \(Self.text(failed))")
        }
        if !undecodable.isEmpty {
            return (.no, .unknownCTE, "Unknown content transfer encoding in message \(Self.text(undecodable))")
        }
        if !expunged.isEmpty {
            // What is there was sent. NO would make clients ask for all of it again (RFC 5530 §3, as Dovecot has it).
            return (.ok, .expungeIssued, "Message \(Self.text(expunged)) no longer exists")
        }
        return (.ok, nil, "FETCH completed")
    }

    /// A reply line holds only so many numbers.
    private static func text(_ numbers: NumberSet) -> String {
        guard numbers.ranges.count > 50 else { return numbers.text }
        var shown = NumberSet()
        for range in numbers.ranges.prefix(50) {
            shown.append(range.lowerBound)
            if range.count > 1 { for number in range.dropFirst() { shown.append(number) } }
        }
        return shown.text + " and others"
    }
}

/// Why a FETCH ended in the middle. Either way there is nothing more to say to this client: close the connection.
package enum FetchInterruption: Error, Sendable {
    /// The peer went away, or takes nothing any more.
    case connectionLost
    /// A literal was announced and its bytes cannot be had.
    case contentLost(number: Int, StoreError)
}

/// Why one message cannot be told.
enum MessageFailure: Error {
    case store(StoreError)
    case unknownEncoding
    case connectionLost
}
