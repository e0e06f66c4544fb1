import Bytes
package import NIOCore

/// Turns a client's bytes into commands.
///
/// A pull parser: `next` takes what it can from the front of the buffer, yields one event, and returns nil when it needs
/// more bytes; a line that is not whole stays in the buffer untouched. It does no I/O: where the protocol wants an answer
/// in the middle of a command (a synchronizing literal, RFC 9051 §4.3), an event says so.
///
/// A command is framed first and read afterwards. Framing needs no grammar: a line that ends in `{n}`, `{n+}` or their
/// `~` forms is continued by a literal and another line, because no other production may end in `}` before CRLF. So a
/// command that cannot be understood is still stepped over as a whole, its non-synchronizing literals included
/// (RFC 7888 §4), and the next one is found where it starts.
///
/// The messages of APPEND are not gathered: they pass as slices of the read buffer.
package struct CommandParser: Sendable {
    /// May be changed between commands: a client that has not authenticated gets less.
    package var limits: ParserLimits

    private enum State {
        /// In a command, at the start of a line.
        case line
        /// In a literal that belongs to a command.
        case literal(remaining: Int)
        /// In a message of APPEND.
        case message(remaining: UInt64, isUntouched: Bool)
        /// Behind a message of APPEND.
        case behindMessage
        /// A line that is no command is wanted.
        case rawLine
        /// In a literal of a command that has failed or been refused.
        case skippingLiteral(remaining: UInt64, SyntaxFailure?)
        /// In a line of such a command.
        case skippingLine(SyntaxFailure?)
        /// Behind a fatal failure.
        case dead
    }

    private var state = State.line
    /// The lines and literals of the current command that have been taken from the buffer.
    private var gathered: [UInt8] = []
    /// How many bytes at the front of the buffer are known to have no line end.
    private var scanned = 0
    private var appendTag = ""
    private var appendIsSynchronizing = false

    package init(limits: ParserLimits = ParserLimits()) {
        self.limits = limits
    }

    /// Whether no part of a command has been taken yet.
    package var isBetweenCommands: Bool {
        if case .line = state { gathered.isEmpty } else { false }
    }

    /// Whether the client is in the middle of a command: it must keep the pace. A line that has begun is not seen here, as it
    /// is still in the buffer.
    package var isMidway: Bool {
        switch state {
        case .line: !gathered.isEmpty
        case .literal, .message, .behindMessage, .skippingLiteral, .skippingLine: true
        case .rawLine, .dead: false
        }
    }

    /// The next line is no command: yield it as `.line`.
    package mutating func expectLine() {
        state = .rawLine
    }

    /// After `literalExpected`: the command is not wanted. The client, which waits, ends it there.
    package mutating func refuseLiteral() {
        if case .literal = state { reset() }
    }

    /// After `appendBegan` or `appendNext`, or amid a message: the rest of the APPEND is not wanted. A client that waits
    /// for leave to send its literal ends the command there; what others have sent is stepped over.
    package mutating func refuseAppend() {
        switch state {
        case .message(_, isUntouched: true) where appendIsSynchronizing: reset()
        case .message(let remaining, _): state = .skippingLiteral(remaining: remaining, nil)
        case .behindMessage: state = .skippingLine(nil)
        default: break
        }
    }

    /// The next event, or nil if it takes more bytes than `buffer` has.
    package mutating func next(_ buffer: inout ByteBuffer) -> CommandEvent? {
        while true {
            switch step(&buffer) {
            case .event(let event): return event
            case .needsBytes: return nil
            case .again: continue
            }
        }
    }

    private enum Step {
        case event(CommandEvent)
        case needsBytes
        case again
    }

    private mutating func step(_ buffer: inout ByteBuffer) -> Step {
        switch state {
        case .line:
            guard let line = takeLine(&buffer) else { return .needsBytes }
            return line.isTooLong ? die(&buffer, tag: tag(of: gathered)) : commandLine(line.bytes)
        case .literal(let remaining):
            let count = min(remaining, buffer.readableBytes)
            guard count > 0 || remaining == 0 else { return .needsBytes }
            gathered.append(contentsOf: buffer.readBytes(length: count) ?? [])
            state = remaining == count ? .line : .literal(remaining: remaining - count)
            return .again
        case .message(let remaining, _):
            guard remaining > 0 else {
                state = .behindMessage
                return .again
            }
            let count = Int(min(remaining, UInt64(buffer.readableBytes)))
            guard count > 0, let slice = buffer.readSlice(length: count) else { return .needsBytes }
            state = .message(remaining: remaining - UInt64(count), isUntouched: false)
            return .event(.appendBytes(slice))
        case .behindMessage:
            guard let line = takeLine(&buffer) else { return .needsBytes }
            return line.isTooLong ? die(&buffer, tag: appendTag) : lineBehindMessage(line.bytes)
        case .rawLine:
            guard let line = takeLine(&buffer) else { return .needsBytes }
            guard !line.isTooLong else { return die(&buffer, tag: nil) }
            reset()
            return .event(.line(ByteBuffer(bytes: line.bytes)))
        case .skippingLiteral(let remaining, let failure):
            let count = Int(min(remaining, UInt64(buffer.readableBytes)))
            guard count > 0 || remaining == 0 else { return .needsBytes }
            buffer.moveReaderIndex(forwardBy: count)
            let left = remaining - UInt64(count)
            state = left == 0 ? .skippingLine(failure) : .skippingLiteral(remaining: left, failure)
            return .again
        case .skippingLine(let failure):
            guard let line = takeLine(&buffer) else { return .needsBytes }
            guard !line.isTooLong else { return die(&buffer, tag: failure?.tag) }
            if let marker = LiteralMarker(endOf: line.bytes), !marker.isSynchronizing {
                return skip(marker, failure)
            }
            reset()
            return failure.map { .event(.failure($0)) } ?? .again
        case .dead:
            buffer.moveReaderIndex(to: buffer.writerIndex)
            return .needsBytes
        }
    }

    // MARK: Lines

    private struct Line {
        var bytes: [UInt8]
        var isTooLong = false
    }

    /// The next line without its CRLF. A bare LF ends a line too: nothing behind this server reads the same bytes with
    /// other eyes, and people type at it.
    private mutating func takeLine(_ buffer: inout ByteBuffer) -> Line? {
        guard let distance = buffer.distance(to: ASCII.lf, skipping: scanned) else {
            scanned = buffer.readableBytes
            return scanned > limits.line ? Line(bytes: [], isTooLong: true) : nil
        }
        scanned = 0
        guard distance <= limits.line else { return Line(bytes: [], isTooLong: true) }
        var line = buffer.readBytes(length: distance) ?? []
        buffer.moveReaderIndex(forwardBy: 1)
        if line.last == ASCII.cr { line.removeLast() }
        return Line(bytes: line)
    }

    private mutating func commandLine(_ line: [UInt8]) -> Step {
        let isFirst = gathered.isEmpty
        if isFirst { gathered = line } else { gathered.append(contentsOf: line) }
        guard gathered.count <= limits.command else {
            return fail(.literalTooLarge, behind: LiteralMarker(endOf: line))
        }
        guard let marker = LiteralMarker(endOf: line) else { return wholeCommand() }
        // Refuse as early as possible: a client that waits for `+` need not send what cannot be used.
        var cursor = Cursor(gathered, limits: limits)
        do throws(SyntaxError) {
            let tag = try cursor.tag()
            let kind = try cursor.commandKind()
            guard let size = marker.size else { throw .invalidNumber }
            if kind == .append, let (mailbox, message) = try cursor.appendHead(marker, size: size) {
                appendTag = tag
                gathered = []
                return .event(.appendBegan(tag: tag, mailbox, begin(message)))
            }
            guard size <= UInt64(limits.literal), gathered.count + Int(size) <= limits.command else {
                throw .literalTooLarge
            }
            gathered.append(ASCII.cr)
            gathered.append(ASCII.lf)
            state = .literal(remaining: Int(size))
            return marker.isSynchronizing ? .event(.literalExpected(tag: tag, kind)) : .again
        } catch {
            return fail(error, behind: marker)
        }
    }

    private mutating func wholeCommand() -> Step {
        let bytes = gathered
        reset()
        var cursor = Cursor(bytes, limits: limits)
        do throws(SyntaxError) {
            let tag = try cursor.tag()
            do throws(SyntaxError) {
                return .event(.command(tag: tag, try cursor.arguments(of: try cursor.commandKind())))
            } catch {
                return .event(.failure(SyntaxFailure(tag: tag, reason: error)))
            }
        } catch {
            return .event(.failure(SyntaxFailure(tag: tag(of: bytes), reason: error)))
        }
    }

    // MARK: APPEND

    private mutating func begin(_ message: AppendMessage) -> AppendMessage {
        appendIsSynchronizing = message.isSynchronizing
        state = .message(remaining: message.size, isUntouched: true)
        return message
    }

    private mutating func lineBehindMessage(_ line: [UInt8]) -> Step {
        let marker = LiteralMarker(endOf: line)
        var cursor = Cursor(line, limits: limits)
        do throws(SyntaxError) {
            guard let marker else {
                try cursor.end()
                reset()
                return .event(.appendEnded)
            }
            guard let size = marker.size else { throw .invalidNumber }
            return .event(.appendNext(begin(try cursor.appendMessage(marker, size: size))))
        } catch {
            return fail(error, tag: appendTag, behind: marker)
        }
    }

    // MARK: Failures

    private mutating func fail(_ reason: SyntaxError, tag: String? = nil, behind marker: LiteralMarker?) -> Step {
        let failure = SyntaxFailure(tag: tag ?? self.tag(of: gathered), reason: reason)
        gathered = []
        if let marker, !marker.isSynchronizing { return skip(marker, failure) }
        reset()
        return .event(.failure(failure))
    }

    private mutating func skip(_ marker: LiteralMarker, _ failure: SyntaxFailure?) -> Step {
        guard let size = marker.size, size <= limits.skippedLiteral else {
            state = .dead
            let failure = SyntaxFailure(tag: failure?.tag, reason: .literalTooLarge, isFatal: true)
            return .event(.failure(failure))
        }
        state = .skippingLiteral(remaining: size, failure)
        return .again
    }

    private mutating func die(_ buffer: inout ByteBuffer, tag: String?) -> Step {
        // The tag may be at the front of the very line that is too long.
        let start = tag == nil && isBetweenCommands ? buffer.getBytes(at: buffer.readerIndex, length: 64) : nil
        gathered = []
        scanned = 0
        state = .dead
        buffer.moveReaderIndex(to: buffer.writerIndex)
        let failure = SyntaxFailure(tag: tag ?? start.flatMap { self.tag(of: $0) }, reason: .lineTooLong, isFatal: true)
        return .event(.failure(failure))
    }

    private mutating func reset() {
        state = .line
        gathered = []
        scanned = 0
    }

    private func tag(of bytes: [UInt8]) -> String? {
        var cursor = Cursor(bytes, limits: limits)
        return cursor.leadingTag()
    }
}
