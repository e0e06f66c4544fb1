import Accounts
import Logging
package import MailModel
import MailQueue
import MailStore
package import NIOCore

/// One message on its way in. Calls come one after the other: recipients, content, then `commit` or `abort`. After a
/// refusal of content or commit, the transaction has ended.
///
/// What exists at each step: sender and recipients only in memory; content in the store's stager, which forgets it unless
/// a commit refers to it; `Shard.deliver` is the instant of commitment for local rows, queue rows, trace and the report to
/// the sender together.
/// Before it nothing needs to be cleaned up, after it nothing can be lost.
package actor MailTransaction {
    private enum Content {
        case none
        case header
        case body(any MessageStager)
        case ended
    }

    /// Commits tried while accounts fill up or go under our hands.
    private static let maximumAttempts = 4

    /// The key of this message's trace.
    package nonisolated let id: DeliveryID
    private let service: DeliveryService
    private let envelope: DeliveryEnvelope
    private var route = Route()
    private var content = Content.none
    /// Changed in place: a copy would copy its bytes on each write.
    private var gate: HeaderGate
    /// Bytes of the original message so far.
    private var size = 0
    private var returnPathLength = 0
    private var messageID: String?

    init(service: DeliveryService, envelope: DeliveryEnvelope) {
        self.service = service
        self.envelope = envelope
        id = envelope.id
        gate = HeaderGate(limit: service.settings.maximumHeader)
    }

    deinit {
        if case .body(let stager) = content { Task { await stager.discard() } }
    }

    /// Recipients accepted so far, repeated ones once.
    package var recipientCount: Int { route.accepted.count }

    /// The checks of MAIL FROM.
    func open() async throws(DeliveryRefusal) {
        try await run(DeclaredLimits.name) { () async throws(DeliveryRefusal) in
            try DeclaredLimits(settings: self.service.settings).check(self.envelope)
        }
        try await run(SenderAuthorisation.name) { () async throws(DeliveryRefusal) in
            try await SenderAuthorisation(addressBook: self.service.addressBook).check(self.envelope)
        }
        try await run("room") { () async throws(DeliveryRefusal) in
            do throws(StoreError) {
                try self.service.shard.stage(expectedSize: self.envelope.options.size).admit()
            } catch {
                throw .store(error)
            }
        }
    }

    /// RCPT TO. A refused recipient leaves the others as they are.
    package func addRecipient(
        _ recipient: EmailAddress, options: RecipientOptions = RecipientOptions()
    ) async throws(DeliveryRefusal) {
        guard case .none = content else { throw DeliveryRefusal(503, "5.5.1", "Recipients come before the message") }
        if route.contains(recipient) { return }
        guard route.accepted.count < service.settings.maximumRecipients else {
            // RFC 5321 §4.5.3.1.10: 452, so that the client sends the rest in another transaction.
            throw DeliveryRefusal(452, "4.5.3", "Too many recipients")
        }
        let destinations = try await run(RecipientRouting.name, recipient) { () async throws(DeliveryRefusal) in
            try await RecipientRouting(addressBook: self.service.addressBook).destinations(of: recipient, self.envelope)
        }
        try await run(QuotaForecast.name, recipient) { () async throws(DeliveryRefusal) in
            try await QuotaForecast(shard: self.service.shard).check(destinations, self.envelope)
        }
        route.add(recipient, options, destinations)
    }

    /// The next bytes of the message, transparent dots removed already; suspends while the disk is slower than the peer.
    package func write(_ bytes: ByteBuffer) async throws(DeliveryRefusal) {
        size += bytes.readableBytes
        guard size <= service.settings.maximumSize else {
            throw await end(with: DeclaredLimits.tooLarge(service.settings.maximumSize), DeclaredLimits.name)
        }
        switch content {
        case .none:
            guard recipientCount > 0 else { throw DeliveryRefusal(554, "5.5.1", "No valid recipients") }
            try await take(bytes)
        case .header:
            try await take(bytes)
        case .body(let stager):
            try await stage(bytes, stager)
        case .ended:
            throw Self.outOfOrder
        }
    }

    /// The message is complete: stores and queues it for all recipients at once, with the report to its sender if there is
    /// one to make. On return it is durable.
    package func commit() async throws(DeliveryRefusal) -> DeliveryReceipt {
        let staged = try await finish()
        var fates = Fates()
        // Once unless an account has become full or has gone since its RCPT. Then nothing was stored, and the rest is tried
        // again together with the report: a kill in between must not leave a sender untold.
        for _ in 0..<Self.maximumAttempts {
            let report = await service.report(
                reported(fates), of: envelope, staged, skip: returnPathLength)
            let own = delivery(of: staged, fates, report: report?.id)
            let results: [DeliveryResult]
            do throws(StoreError) {
                results = try await service.shard.deliver([own] + (report.map { [$0] } ?? []))
            } catch {
                throw await end(with: .store(error), "commit")
            }
            guard results[0].hasFailure else { return conclude(staged, fates) }
            fates.add(results[0], of: route)
            if fates.failed.count == route.local.count, route.remote.isEmpty { throw refuseAll(fates) }
        }
        throw await end(
            with: DeliveryRefusal(
                451, "4.3.0", "Temporary failure; try again later", cause: "recipients keep changing"),
            "commit")
    }

    /// As `commit`, without storing: what is to be stored, for the caller to deliver together with something else.
    func prepare() async throws(DeliveryRefusal) -> NewDelivery {
        var delivery = delivery(of: try await finish(), Fates(), report: nil)
        delivery.isWhole = false
        return delivery
    }

    /// Ends the content.
    private func finish() async throws(DeliveryRefusal) -> StagedMessage {
        guard recipientCount > 0 else { throw DeliveryRefusal(554, "5.5.1", "No valid recipients") }
        switch content {
        case .none, .header:
            gate.finish()
            try await openBody()
        case .body:
            break
        case .ended:
            throw Self.outOfOrder
        }
        guard case .body(let stager) = content else { throw Self.outOfOrder }
        content = .ended
        do throws(StoreError) {
            return try await stager.finish()
        } catch {
            throw await end(with: .store(error), "commit")
        }
    }

    /// Gives the message up because the protocol found fault with it, such as its line ends; the trace keeps why.
    package func refuse(_ refusal: DeliveryRefusal) async { _ = await end(with: refusal, "content") }

    /// Forgets everything.
    package func abort() async {
        // The transaction may live on for as long as a slow client sends what is thrown away.
        gate = HeaderGate(limit: 0)
        if case .body(let stager) = content { await stager.discard() }
        content = .ended
    }

    // MARK: Content

    private func take(_ bytes: ByteBuffer) async throws(DeliveryRefusal) {
        switch gate.take(bytes) {
        case .incomplete: content = .header
        case .complete: try await openBody()
        case .tooLarge:
            throw await end(
                with: DeliveryRefusal(552, "5.3.4", "Message header exceeds \(service.settings.maximumHeader) bytes"),
                DeclaredLimits.name)
        }
    }

    /// The header is known: decides about the message, and begins to stage it behind our own lines.
    private func openBody() async throws(DeliveryRefusal) {
        let settings = service.settings
        let facts = HeaderFacts(gate)
        messageID = facts.messageID
        content = .ended
        try await run(HopLimit.name) { () async throws(DeliveryRefusal) in try HopLimit(settings: settings).check(facts)
        }
        try await run(SenderAuthorisation.name) { () async throws(DeliveryRefusal) in
            try await SenderAuthorisation(addressBook: self.service.addressBook).check(facts, self.envelope)
        }
        let additions = HeaderCompletion(settings: settings).additions(for: facts, envelope)
        if messageID == nil { messageID = additions.first { $0.name == "Message-ID" }?.value }
        let trace = TraceHeader(
            envelope, recipient: recipientCount == 1 ? route.accepted.first?.address : nil, host: settings.hostName,
            additions: additions, header: facts)
        returnPathLength = trace.returnPathLength
        let expected = envelope.options.size.map { $0 + trace.bytes.readableBytes }
        let stager = service.shard.stage(expectedSize: expected)
        content = .body(stager)
        try await stage(trace.bytes, stager)
        let held = gate.release()
        if held.readableBytes > 0 { try await stage(held, stager) }
    }

    private func stage(_ bytes: ByteBuffer, _ stager: any MessageStager) async throws(DeliveryRefusal) {
        do throws(StoreError) {
            try await stager.write(bytes)
        } catch {
            throw await end(with: .store(error), "content")
        }
    }

    // MARK: Commit

    /// A line for each recipient that stood for others: aliases, groups, tags. So a trace is found by what the sender wrote.
    private func detours() -> [TraceEvent] {
        var targets: [Int: [EmailAddress]] = [:]
        for local in route.local { targets[local.cause, default: []].append(local.recipient.address) }
        for remote in route.remote { targets[remote.cause, default: []].append(remote.address) }
        return route.accepted.enumerated().compactMap { cause, given in
            let targets = targets[cause] ?? []
            guard targets != [given.address] else { return nil }
            let names = targets.map(\.description).joined(separator: ", ")
            return event(
                "route", given.address, outcome: "routed",
                names.isEmpty ? "to addresses that get the message by another recipient already" : "to \(names)")
        }
    }

    private func delivery(of staged: StagedMessage, _ fates: Fates, report: DeliveryID?) -> NewDelivery {
        let context = envelope.context
        var accepted = event(
            "accept", outcome: "accepted", "\(context.protocolName) from \(context.helo), \(size) bytes")
        accepted.code = 250
        accepted.enhanced = "2.0.0"
        var trace = [accepted] + detours()
        var placements: [LocalPlacement] = []
        for (index, local) in route.local.enumerated() {
            if let refusal = fates.failed[index] {
                trace.append(event("deliver", local.recipient.address, outcome: "failed", refusal))
                continue
            }
            let given = route.accepted[local.cause].address
            let detour = given == local.recipient.address ? "" : " by way of \(given)"
            trace.append(
                event(
                    "deliver", local.recipient.address, outcome: "stored",
                    "into the inbox of \(local.recipient.address)\(detour)"))
            placements.append(
                LocalPlacement(account: local.recipient.account, folder: SystemFolder.inbox, recipient: given))
        }
        let remote = route.remote.map { remote in
            let given = route.accepted[remote.cause]
            trace.append(event("queue", remote.address, outcome: "queued", "for \(remote.address.domain)"))
            var entry = service.queue.entry(for: remote.address, received: envelope.received)
            entry.notify = given.options.notify
            entry.originalRecipient = given.options.originalRecipient
            entry.envelopeID = envelope.options.envelopeID
            entry.returnContent = envelope.options.returnContent
            entry.skip = returnPathLength
            entry.needsSMTPUTF8 = envelope.options.smtpUTF8
            entry.bodyType = envelope.options.body
            return entry
        }
        if let report {
            trace.append(event("report", envelope.sender, outcome: "accepted", "sent to the sender as \(report)"))
        }
        return NewDelivery(
            id: id, message: staged, sender: envelope.sender, received: envelope.received, local: placements,
            remote: remote, trace: trace, isWhole: true)
    }

    /// After the commit.
    private func conclude(_ staged: StagedMessage, _ fates: Fates) -> DeliveryReceipt {
        for (index, refusal) in fates.failed { log(refusal, "deliver", route.local[index].recipient.address, "failed") }
        service.log.info(
            "accepted",
            metadata: [
                "session": .string(envelope.context.session), "delivery": "\(id)", "size": "\(staged.size)",
                "sender": .string(envelope.sender?.key ?? ""), "recipients": "\(recipientCount)",
            ])
        return DeliveryReceipt(
            delivery: id, stored: route.local.count - fates.failed.count, queued: route.remote.count,
            failed: fates.failed.count, size: staged.size)
    }

    /// Nobody gets it and nothing was stored: the peer is told.
    private func refuseAll(_ fates: Fates) -> DeliveryRefusal {
        let failed = fates.failed.sorted { $0.key < $1.key }
        for (index, refusal) in failed {
            record(refusal, "deliver", route.local[index].recipient.address, outcome: "failed")
        }
        return failed.first?.value ?? Self.outOfOrder
    }

    /// What the sender may be told of now: recipients with local destinations. Remote ones are the queue's to report.
    private func reported(_ fates: Fates) -> [ReportedRecipient] {
        var failed: [Int: DeliveryRefusal] = [:]
        for (index, refusal) in fates.failed.sorted(by: { $0.key > $1.key }) {
            failed[route.local[index].cause] = refusal
        }
        let localCauses = Set(route.local.map(\.cause)).sorted()
        return localCauses.map { cause in
            ReportedRecipient(given: route.accepted[cause], fate: failed[cause].map { .failed($0) } ?? .delivered)
        }
    }

    // MARK: Refusals and trace

    private static let outOfOrder = DeliveryRefusal(503, "5.5.1", "The message has ended already")

    /// Runs one stage; its refusal is traced under its name, and the message is over unless only a recipient was refused.
    @discardableResult
    private func run<Value: Sendable>(
        _ stage: String, _ recipient: EmailAddress? = nil, _ body: () async throws(DeliveryRefusal) -> Value
    ) async throws(DeliveryRefusal) -> Value {
        do throws(DeliveryRefusal) {
            return try await body()
        } catch {
            record(error, stage, recipient, outcome: "refused")
            throw error
        }
    }

    private func end(with refusal: DeliveryRefusal, _ stage: String) async -> DeliveryRefusal {
        record(refusal, stage, nil, outcome: "refused")
        await abort()
        return refusal
    }

    private func record(_ refusal: DeliveryRefusal, _ stage: String, _ recipient: EmailAddress?, outcome: String) {
        service.shard.traces.record([event(stage, recipient, outcome: outcome, refusal)])
        log(refusal, stage, recipient, outcome)
    }

    private func log(_ refusal: DeliveryRefusal, _ stage: String, _ recipient: EmailAddress?, _ outcome: String) {
        service.log.log(
            level: refusal.fault == .server ? .info : .debug, "\(outcome)",
            metadata: [
                "session": .string(envelope.context.session), "delivery": "\(id)", "stage": .string(stage),
                "recipient": .string(recipient?.key ?? ""), "code": "\(refusal.code) \(refusal.enhanced)",
                "cause": .string(refusal.cause.isEmpty ? refusal.text : refusal.cause),
            ])
    }

    private func event(
        _ stage: String, _ recipient: EmailAddress? = nil, outcome: String, _ refusal: DeliveryRefusal
    ) -> TraceEvent {
        var event = event(
            stage, recipient, outcome: outcome,
            refusal.cause.isEmpty ? refusal.text : "\(refusal.text) (\(refusal.cause))")
        event.code = refusal.code
        event.enhanced = refusal.enhanced
        return event
    }

    private func event(
        _ stage: String, _ recipient: EmailAddress? = nil, outcome: String, _ text: String
    ) -> TraceEvent {
        TraceEvent(
            time: service.now(), delivery: id, stage: stage, sender: envelope.sender?.key ?? "",
            recipient: recipient?.key,
            messageID: messageID, outcome: outcome, remote: envelope.context.peer?.description, text: text)
    }
}
