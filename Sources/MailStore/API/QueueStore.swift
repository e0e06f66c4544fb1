package import MailModel

/// Mail that waits for another host.
package protocol QueueStore: AnyObject, Sendable {
    /// Oldest first; `after` is the last id of the page before.
    func list(_ filter: QueueFilter, after: Int64?, limit: Int) async throws(StoreError) -> [QueueEntry]
    func count() async throws(StoreError) -> Int
}

package struct QueueFilter: Hashable, Sendable {
    package var sender: String?
    package var recipient: String?
    package var domain: String?
    package var messageID: String?
    package init(sender: String? = nil, recipient: String? = nil, domain: String? = nil, messageID: String? = nil) {
        self.sender = sender
        self.recipient = recipient
        self.domain = domain
        self.messageID = messageID
    }
}

/// One remote recipient of a delivery.
package struct NewQueueEntry: Hashable, Sendable {
    package var recipient: EmailAddress
    /// DSN parameters as received (RFC 3461 §4), kept for the sender.
    package var notify: String?
    package var originalRecipient: String?
    package var envelopeID: String?
    package var returnContent: String?
    /// Bytes at the start of the content that are not sent on: the Return-Path line of final delivery.
    package var skip: Int
    package var needsSMTPUTF8: Bool
    package var bodyType: String?
    package var expires: Timestamp

    package init(
        recipient: EmailAddress, notify: String? = nil, originalRecipient: String? = nil, envelopeID: String? = nil,
        returnContent: String? = nil, skip: Int = 0, needsSMTPUTF8: Bool = false, bodyType: String? = nil,
        expires: Timestamp
    ) {
        self.recipient = recipient
        self.notify = notify
        self.originalRecipient = originalRecipient
        self.envelopeID = envelopeID
        self.returnContent = returnContent
        self.skip = skip
        self.needsSMTPUTF8 = needsSMTPUTF8
        self.bodyType = bodyType
        self.expires = expires
    }
}

package enum QueueState: String, Sendable, CaseIterable {
    case ready, deferred, held, scheduled, active
}

package struct QueueEntry: Hashable, Sendable {
    package let id: Int64
    package let delivery: DeliveryID
    package let messageID: String?
    /// Empty: the null sender.
    package let sender: String
    package let recipient: String
    package let domain: String
    package let state: QueueState
    package let attempts: Int
    package let next: Timestamp
    package let expires: Timestamp
    package let lastReply: String?
    package let size: Int64

    package init(
        id: Int64, delivery: DeliveryID, messageID: String?, sender: String, recipient: String, domain: String,
        state: QueueState, attempts: Int, next: Timestamp, expires: Timestamp, lastReply: String?, size: Int64
    ) {
        self.id = id
        self.delivery = delivery
        self.messageID = messageID
        self.sender = sender
        self.recipient = recipient
        self.domain = domain
        self.state = state
        self.attempts = attempts
        self.next = next
        self.expires = expires
        self.lastReply = lastReply
        self.size = size
    }
}

/// "What happened to my message": lines written by the stages that touched it.
package protocol TraceStore: AnyObject, Sendable {
    /// Lines without a delivery commit of their own, such as refusals; durable soon, not at once.
    func record(_ events: [TraceEvent])
    /// Oldest first.
    func query(_ filter: TraceFilter, limit: Int) async throws(StoreError) -> [TraceEvent]
}

package struct TraceEvent: Hashable, Sendable {
    package var time: Timestamp
    package var delivery: DeliveryID
    /// `accept`, `refuse`, `route`, `deliver`, `queue`, …
    package var stage: String
    package var sender: String?
    package var recipient: String?
    package var messageID: String?
    /// `accepted`, `stored`, `queued`, `refused`, `failed`, `discarded`.
    package var outcome: String
    /// SMTP reply code and enhanced code, where there is one.
    package var code: Int?
    package var enhanced: String?
    /// Address of the peer.
    package var remote: String?
    package var text: String

    package init(
        time: Timestamp, delivery: DeliveryID, stage: String, sender: String? = nil, recipient: String? = nil,
        messageID: String? = nil, outcome: String, code: Int? = nil, enhanced: String? = nil, remote: String? = nil,
        text: String
    ) {
        self.time = time
        self.delivery = delivery
        self.stage = stage
        self.sender = sender
        self.recipient = recipient
        self.messageID = messageID
        self.outcome = outcome
        self.code = code
        self.enhanced = enhanced
        self.remote = remote
        self.text = text
    }
}

package struct TraceFilter: Hashable, Sendable {
    package var delivery: DeliveryID?
    package var messageID: String?
    package var sender: String?
    package var recipient: String?
    package var since: Timestamp?
    package init(
        delivery: DeliveryID? = nil, messageID: String? = nil, sender: String? = nil, recipient: String? = nil,
        since: Timestamp? = nil
    ) {
        self.delivery = delivery
        self.messageID = messageID
        self.sender = sender
        self.recipient = recipient
        self.since = since
    }
}
