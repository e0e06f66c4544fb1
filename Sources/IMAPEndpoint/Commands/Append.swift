import IMAPWire
import Logging
import MailModel
import MailStore
import NIOCore
import SessionIO

extension IMAPSession {
    /// APPEND, of one or several messages (RFC 9051 §6.3.12, RFC 3502). The bytes go to the stager as they come; all
    /// messages are committed together, or none.
    func append(_ tag: String, _ mailbox: MailboxName, _ first: AppendMessage) async {
        if let refusal = refusal(of: .append) {
            parser.refuseAppend()
            if refusal.condition == .bad { return fail(tag, refusal.text) }
            return await reply(tag, refusal)
        }
        machine.succeeded()
        service.metrics.ran(.append)
        do throws(StoreError) {
            guard let folder = try await destination(mailbox) else { return await refuseAppend(tag, Self.tryCreate) }
            switch try await receive(first) {
            case .complete(let messages):
                let result = try await store.append(messages, to: folder.id)
                service.metrics.appended(messages.count)
                let code = ResponseCode.appendUID(result.uidValidity, NumberSet(result.uids))
                await reply(tag, .ok("APPEND completed", code: code))
            case .refused(let completion): await refuseAppend(tag, completion)
            case .malformed(let failure): fail(failure.tag, failure.reason.text, isFatal: failure.isFatal)
            case .cut: break
            }
        } catch {
            await refuseAppend(tag, failed(error, .append))
        }
    }

    private enum Reception {
        case complete([NewMessage])
        /// The rest is not wanted.
        case refused(Completion)
        case malformed(SyntaxFailure)
        /// The session ended meanwhile.
        case cut
    }

    private func refuseAppend(_ tag: String, _ completion: Completion) async {
        parser.refuseAppend()
        await reply(tag, completion)
    }

    private func receive(_ first: AppendMessage) async throws(StoreError) -> Reception {
        guard let account else { return .cut }
        let usage = try await account.store.quota()
        var room = usage.limit.map { $0 - usage.bytes }
        var messages: [NewMessage] = []
        // What is staged keeps its header, or all of it if it is small, in memory until the commit.
        var held = 0
        let memory = IntakeReservation(connection.intakeMemory)
        var next: AppendMessage? = first
        while let message = next {
            let size = Int64(clamping: message.size)
            guard size <= Int64(service.settings.appendLimit) else {
                return .refused(.no("The message is too large", code: .tooBig))
            }
            if let left = room {
                guard size <= left else { return .refused(Completion(.overQuota)) }
                room = left - size
            }
            guard messages.count < service.settings.appendCount, held < 32 << 20 else {
                return .refused(.no("Too many messages in one APPEND", code: .limit))
            }
            let stager = service.stage(account.record.id, Int(size))
            try stager.admit()
            if message.isSynchronizing { connection.output.writeIMAPContinuation("OK") }
            let (staged, end) = try await receive(stager, memory, held: held)
            switch end {
            case .next(let following): next = following
            case .ended: next = nil
            case .malformed(let failure): return .malformed(failure)
            case .noMemory:
                connection.note("no memory for messages", ["limit": "limits.intakeMemory"])
                return .refused(.no("Too many messages are coming in; try again later", code: .unavailable))
            case .cut: return .cut
            }
            // RFC 3502 §6.3.11: an empty message takes the whole command back.
            guard size > 0, let staged else { return .refused(.no("APPEND of an empty message")) }
            held += min(Int(size), IntakeReservation.mostOfMessage)
            messages.append(
                NewMessage(staged, flags: message.flags, received: message.date?.timestamp ?? service.now()))
        }
        return .complete(messages)
    }

    private enum MessageEnd {
        case next(AppendMessage)
        case ended
        case malformed(SyntaxFailure)
        case noMemory
        case cut
    }

    /// One message's bytes, up to what follows them. `held` is in memory already for those before it.
    private func receive(
        _ stager: any MessageStager, _ memory: IntakeReservation, held: Int
    ) async throws(StoreError) -> (StagedMessage?, MessageEnd) {
        var received = 0
        while let event = await nextEvent() {
            switch event {
            case .appendBytes(let bytes):
                received += bytes.readableBytes
                guard memory.grow(to: held + min(received, IntakeReservation.mostOfMessage)) else {
                    await stager.discard()
                    return (nil, .noMemory)
                }
                do throws(StoreError) {
                    try await stager.write(bytes)
                } catch {
                    await stager.discard()
                    throw error
                }
            case .appendNext(let following): return (try await stager.finish(), .next(following))
            case .appendEnded: return (try await stager.finish(), .ended)
            case .failure(let failure):
                await stager.discard()
                return (nil, .malformed(failure))
            case .command, .literalExpected, .appendBegan, .line: break
            }
        }
        await stager.discard()
        return (nil, .cut)
    }
}
