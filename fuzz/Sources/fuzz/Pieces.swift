import NIOCore

/// The same bytes cut as a network may cut them. Where is decided by the bytes themselves, so that an input stays plain
/// protocol text and always runs alike.
struct Pieces {
    private var state: UInt64

    init(seed bytes: [UInt8]) {
        state = bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// A number below `bound`.
    mutating func next(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % max(1, bound)
    }

    static func cut(_ bytes: [UInt8]) -> [ByteBuffer] {
        var random = Pieces(seed: bytes)
        // Short inputs byte by byte; others in pieces up to a size that differs from input to input.
        let largest = bytes.count < 64 ? 1 : [1, 3, 16, 100, 1000][random.next(below: 5)]
        var pieces: [ByteBuffer] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + 1 + random.next(below: largest))
            pieces.append(ByteBuffer(bytes: bytes[start..<end]))
            start = end
        }
        return pieces
    }
}

extension Pieces {
    /// The same for a session, where a piece costs more: most inputs whole.
    static func cut(session bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var random = Pieces(seed: Array(bytes))
        guard random.next(below: 4) == 0 else { return [bytes] }
        let largest = max([1, 3, 16, 100][random.next(below: 4)], bytes.count / 50)
        var pieces: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = min(bytes.endIndex, start + 1 + random.next(below: largest))
            pieces.append(bytes[start..<end])
            start = end
        }
        return pieces
    }
}

/// Feeds pieces to a pull parser: bytes are appended, and the parser is asked until it wants more.
func feed(_ pieces: [ByteBuffer], _ pull: (inout ByteBuffer) -> Bool) {
    var input = ByteBuffer()
    for var piece in pieces {
        input.writeBuffer(&piece)
        while pull(&input) {}
        input.discardReadBytes()
    }
}
