import Bytes
import IMAPWire
import NIOCore
import Testing

/// The events that `text` makes when it arrives in pieces of `size` bytes (0: at once); adjacent message bytes are joined,
/// so that the pieces do not show.
func events(_ bytes: [UInt8], inPiecesOf size: Int = 0, limits: ParserLimits = ParserLimits()) -> [CommandEvent] {
    var parser = CommandParser(limits: limits)
    var buffer = ByteBuffer()
    var events: [CommandEvent] = []
    var index = 0
    repeat {
        let end = size == 0 ? bytes.count : min(index + size, bytes.count)
        buffer.writeBytes(bytes[index..<end])
        index = end
        while let event = parser.next(&buffer) { append(event, to: &events) }
    } while index < bytes.count
    return events
}

private func append(_ event: CommandEvent, to events: inout [CommandEvent]) {
    if case .appendBytes(var more) = event, case .appendBytes(var before)? = events.last {
        before.writeBuffer(&more)
        events[events.count - 1] = .appendBytes(before)
    } else {
        events.append(event)
    }
}

/// Expects `text` to make `expected`, however it is cut, and to leave the parser ready for the next command.
func expectEvents(
    _ text: String, _ expected: [CommandEvent], limits: ParserLimits = ParserLimits(),
    sourceLocation: SourceLocation = #_sourceLocation
) {
    for size in [0, 1, 7] {
        #expect(
            events(Array(text.utf8), inPiecesOf: size, limits: limits) == expected, "in pieces of \(size): \(text)",
            sourceLocation: sourceLocation)
    }
    let followed = events(Array((text + "z9 NOOP\r\n").utf8), limits: limits)
    #expect(followed == expected + [.command(tag: "z9", .noop)], "followed: \(text)", sourceLocation: sourceLocation)
}

/// Expects `line`, which has no literals, to be `command`; each proper prefix to be no command and to stay in the buffer.
func expectCommand(_ line: String, _ command: Command, sourceLocation: SourceLocation = #_sourceLocation) {
    expectEvents("a1 \(line)\r\n", [.command(tag: "a1", command)], sourceLocation: sourceLocation)
    var parser = CommandParser()
    var buffer = ByteBuffer(string: "a1 \(line)\r")
    let before = buffer
    #expect(parser.next(&buffer) == nil, sourceLocation: sourceLocation)
    #expect(buffer == before, sourceLocation: sourceLocation)
}

/// Expects `line` to be refused with its tag.
func expectFailure(_ line: String, _ reason: SyntaxError, sourceLocation: SourceLocation = #_sourceLocation) {
    expectEvents(
        "a1 \(line)\r\n", [.failure(SyntaxFailure(tag: "a1", reason: reason))], sourceLocation: sourceLocation)
}
