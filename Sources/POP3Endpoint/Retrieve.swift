import Logging
import MailModel
import MailStore
import NIOCore
import POP3Wire
import SessionIO

extension POP3Session {
    /// RETR and, with `lines`, TOP (RFC 1939 §5 and §7): content passes through in slices; the next one is read when the
    /// network has taken the one before.
    func retrieve(_ index: Int, lines: Int?) async -> Next {
        guard let maildrop else { return .end }
        let item = ItemID(machine.maildrop.ids[index])
        var offset = 0
        var isAnswerBegun = false
        do throws(StoreError) {
            let reader = try await maildrop.store.content(of: item)
            var stuffer = DotStuffer()
            var limit = lines.map { TopLimit(lines: $0) }
            repeat {
                // The first slice is read before the answer begins, so that most trouble can still be told.
                var slice = try await reader.read(at: offset, length: Self.sliceSize)
                if !isAnswerBegun { reply(.ok(lines == nil ? "\(reader.size) octets" : "Top of message follows")) }
                isAnswerBegun = true
                guard slice.readableBytes > 0 || offset >= reader.size else {
                    throw .damaged("message \(item) ends at \(offset) of \(reader.size)")
                }
                offset += slice.readableBytes
                if let wanted = limit?.take(slice) { slice = wanted }
                stuffer.write(slice, into: &connection.output)
                if connection.output.readableBytes >= Self.sliceSize, !(await flushSlice()) { return .end }
            } while offset < reader.size && limit?.isReached != true
            stuffer.finish(into: &connection.output)
        } catch {
            log(error, "message cannot be read", item: item)
            guard !isAnswerBegun else {
                // A message cut short must not look whole: no final dot, no further answer.
                connection.closeNow()
                return .end
            }
            reply(error.reply("The message cannot be read."))
            return .more
        }
        if lines == nil { machine.markRetrieved(index) }
        service.metrics.retrieved(bytes: offset, isWhole: lines == nil)
        return .more
    }
}
