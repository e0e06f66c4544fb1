import Bytes
import NIOCore

/// A text put together from pieces of the source. While the pieces are neighbours it is only a range.
struct PieceText {
    private(set) var range = 0..<0
    private(set) var copy: [UInt8]?
    private(set) var isEmpty = true

    /// A copy grows no further: no name is longer, and copying again and again what is would take quadratic time.
    private static let longestCopy = 4096

    mutating func append(_ bytes: UnsafeRawBufferPointer, _ added: Range<Int>, spaced: Bool) {
        if isEmpty {
            range = added
            isEmpty = false
            return
        }
        let gap = spaced ? 1 : 0
        if copy == nil, added.lowerBound == range.upperBound + gap, !spaced || bytes[range.upperBound] == ASCII.space {
            range = range.lowerBound..<added.upperBound
            return
        }
        guard beginCopy(bytes) else { return }
        if spaced { copy?.append(ASCII.space) }
        copy?.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[added]))
    }

    mutating func append(decoded: [UInt8], _ bytes: UnsafeRawBufferPointer, spaced: Bool) {
        if isEmpty {
            copy = decoded
            isEmpty = false
            return
        }
        guard beginCopy(bytes) else { return }
        if spaced { copy?.append(ASCII.space) }
        copy?.append(contentsOf: decoded)
    }

    private mutating func beginCopy(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if copy == nil { copy = Array(bytes[range]) }
        return (copy?.count ?? 0) <= Self.longestCopy
    }

    func buffer(_ source: ByteBuffer) -> ByteBuffer {
        if let copy { return ByteBuffer(copying: copy) }
        return source.piece(range)
    }
}

/// Reads an address list (RFC 5322 §3.4, obsolete forms of §4.4, UTF-8 of RFC 6532), and never refuses one: what makes no
/// sense becomes an address without a host.
///
/// One pass, no recursion, and every step moves forward.
struct AddressScanner {
    private let source: ByteBuffer
    private let bytes: UnsafeRawBufferPointer
    private var position: Int
    private let end: Int
    private var output: [MessageAddress] = []

    private var isInGroup = false
    private var sawSpace = false
    /// All words since the last separator: the display name, or the group's name.
    private var phrase = PieceText()
    /// The words before `local` began.
    private var phraseBeforeLocal = PieceText()
    /// The last words joined by dots: a local part, should an `@` follow.
    private var local = PieceText()
    private var endsInDot = false
    private var host: ByteBuffer?
    private var found: MessageAddress?
    private var comment: Range<Int>?

    init(_ source: ByteBuffer, _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        self.source = source
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    mutating func list() -> [MessageAddress] {
        while position < end { step() }
        flush()
        if isInGroup { output.append(.groupEnd) }
        return output
    }

    private mutating func step() {
        let byte = bytes[position]
        switch byte {
        case ASCII.space, ASCII.tab, ASCII.cr, ASCII.lf:
            sawSpace = true
            position += 1
        case ASCII.leftParenthesis:
            let close = Comment.end(bytes, position, end)
            let isClosed = bytes[close - 1] == ASCII.rightParenthesis && close - 1 > position
            comment = bytes.trimmed(position + 1..<(isClosed ? close - 1 : close))
            position = close
            sawSpace = true
        case 0x2C:
            flush()
            position += 1
        case ASCII.semicolon:
            flush()
            if isInGroup { output.append(.groupEnd) }
            isInGroup = false
            position += 1
        case ASCII.colon:
            if !isInGroup, found == nil, host == nil, !phrase.isEmpty {
                output.append(.groupStart(phrase.buffer(source)))
                isInGroup = true
                reset()
                position += 1
            } else {
                word(position..<position + 1)
            }
        case ASCII.less: angle()
        case ASCII.greater: position += 1
        case ASCII.at:
            if found == nil, !local.isEmpty {
                // The last @ parts the address; others belong to a local part that should have been quoted.
                if let earlier = host {
                    local.append(decoded: [ASCII.at] + Array(earlier.readableBytesView), bytes, spaced: false)
                }
                domainAfterAt()
            } else {
                word(position..<position + 1)
            }
        case ASCII.doubleQuote:
            beginIfComplete()
            quotedWord()
        default:
            beginIfComplete()
            word(position..<atomEnd())
        }
    }

    /// Something follows a finished address without a comma: another address.
    private mutating func beginIfComplete() {
        if found != nil || (host != nil && sawSpace) { flush() }
    }

    private mutating func word(_ range: Range<Int>) {
        phraseWillGrow(startsWithDot: bytes[range.lowerBound] == ASCII.dot)
        phrase.append(bytes, range, spaced: sawSpace && !phrase.isEmpty)
        local.append(bytes, range, spaced: false)
        endsInDot = bytes[range.upperBound - 1] == ASCII.dot
        sawSpace = false
        position = range.upperBound
    }

    /// A word that no dot ties to the one before begins a new local part.
    private mutating func phraseWillGrow(startsWithDot: Bool) {
        if sawSpace, !endsInDot, !startsWithDot {
            phraseBeforeLocal = phrase
            local = PieceText()
        }
    }

    private mutating func quotedWord() {
        phraseWillGrow(startsWithDot: false)
        let spaced = sawSpace && !phrase.isEmpty
        switch quoted() {
        case .verbatim(let range):
            phrase.append(bytes, range, spaced: spaced)
            local.append(bytes, range, spaced: false)
        case .decoded(let text):
            phrase.append(decoded: text, bytes, spaced: spaced)
            local.append(decoded: text, bytes, spaced: false)
        }
        endsInDot = false
        sawSpace = false
    }

    private enum Quoted {
        case verbatim(Range<Int>)
        case decoded([UInt8])
    }

    /// The quoted string at `position`. One that is never closed ends with the bytes.
    private mutating func quoted() -> Quoted {
        let start = position + 1
        var index = start
        var isVerbatim = true
        while index < end, bytes[index] != ASCII.doubleQuote {
            if bytes[index] == ASCII.backslash {
                isVerbatim = false
                index += 1
            } else if bytes[index] == ASCII.lf || bytes[index] == ASCII.cr || bytes[index] == 0 {
                isVerbatim = false
            }
            index += 1
        }
        let close = min(index, end)
        position = min(close + 1, end)
        if isVerbatim { return .verbatim(start..<close) }
        var text: [UInt8] = []
        index = start
        while index < close {
            if bytes[index] == ASCII.backslash, index + 1 < close { index += 1 }
            if bytes[index] != ASCII.cr, bytes[index] != ASCII.lf, bytes[index] != 0 { text.append(bytes[index]) }
            index += 1
        }
        return .decoded(text)
    }

    /// One past the atom, with its dots, at `position`; at least one byte.
    private func atomEnd() -> Int {
        if let word = encodedWordEnd() { return word }
        var index = position
        while index < end, Self.isAtom(bytes[index]) { index += 1 }
        return max(index, position + 1)
    }

    /// Encoded words hold commas and parentheses that RFC 2047 §5 forbids there, and mean them.
    private func encodedWordEnd() -> Int? {
        guard position + 1 < end, bytes[position] == ASCII.equals, bytes[position + 1] == 0x3F else { return nil }
        var marks = 0
        var index = position + 2
        let limit = min(end, position + 512)
        while index < limit, !bytes[index].isFoldingSpace, bytes[index] != ASCII.less {
            if bytes[index] == 0x3F {
                marks += 1
                if marks >= 3, index + 1 < limit, bytes[index + 1] == ASCII.equals { return index + 2 }
            }
            index += 1
        }
        return nil
    }

    private mutating func domainAfterAt() {
        let at = position
        position += 1
        let domain = domain()
        host = domain.buffer(source)
        phrase.append(bytes, at..<position, spaced: false)
        sawSpace = false
    }

    /// Atoms, dots and a literal, with the comments and blanks of obsolete domains taken out (RFC 5322 §4.4).
    private mutating func domain() -> PieceText {
        var text = PieceText()
        var needsDot = false
        while position < end {
            let byte = bytes[position]
            if byte == ASCII.leftBracket {
                let close = bytes.offset(of: ASCII.rightBracket, from: position).map { min($0 + 1, end) } ?? end
                text.append(bytes, position..<close, spaced: false)
                position = close
                needsDot = true
            } else if Self.isAtom(byte) {
                guard !needsDot || byte == ASCII.dot else { break }
                let stop = atomEnd()
                text.append(bytes, position..<stop, spaced: false)
                position = stop
                needsDot = bytes[stop - 1] != ASCII.dot
            } else if byte.isFoldingSpace || byte == ASCII.leftParenthesis {
                let resume = skipped(position)
                // Blanks belong to the domain only around its dots.
                let isInside = resume < end && (bytes[resume] == ASCII.dot || (!needsDot && Self.isAtom(bytes[resume])))
                guard isInside else { break }
                position = resume
            } else {
                break
            }
        }
        return text
    }

    private func skipped(_ start: Int) -> Int {
        var index = start
        while index < end {
            if bytes[index].isFoldingSpace {
                index += 1
            } else if bytes[index] == ASCII.leftParenthesis {
                index = Comment.end(bytes, index, end)
            } else {
                break
            }
        }
        return index
    }

    /// `<route:local@domain>`.
    private mutating func angle() {
        if found != nil { flush() }
        position += 1
        var route: ByteBuffer?
        var local = PieceText()
        var host: ByteBuffer?
        var spaced = false
        position = skipped(position)
        if position < end, bytes[position] == ASCII.at, let colon = routeEnd() {
            route = Unfolding.unfold(source, bytes, position..<colon)
            position = colon + 1
        }
        scan: while position < end {
            let byte = bytes[position]
            switch byte {
            case ASCII.greater:
                position += 1
                break scan
            case 0x2C:
                // A comma here means that `>` was forgotten.
                break scan
            case ASCII.at:
                position += 1
                if let earlier = host {
                    local.append(decoded: [ASCII.at] + Array(earlier.readableBytesView), bytes, spaced: false)
                }
                host = domain().buffer(source)
            case ASCII.doubleQuote:
                switch quoted() {
                case .verbatim(let range): local.append(bytes, range, spaced: spaced && !local.isEmpty)
                case .decoded(let text): local.append(decoded: text, bytes, spaced: spaced && !local.isEmpty)
                }
                spaced = false
            case ASCII.space, ASCII.tab, ASCII.cr, ASCII.lf, ASCII.leftParenthesis:
                position = skipped(position)
                spaced = position < end && bytes[position] != ASCII.dot
            case ASCII.less: position += 1
            default:
                let stop = atomEnd()
                if host == nil {
                    local.append(bytes, position..<stop, spaced: spaced && !local.isEmpty)
                    spaced = false
                    if bytes[stop - 1] == ASCII.dot { position = skipped(stop) } else { position = stop }
                } else {
                    position = stop
                }
            }
        }
        found = MessageAddress(
            name: phrase.isEmpty ? nil : phrase.buffer(source), route: route, mailbox: local.buffer(source),
            host: host ?? ByteBuffer())
        sawSpace = false
    }

    /// The colon that ends `@a,@b:`; nil if `>` comes first.
    private func routeEnd() -> Int? {
        var index = position
        while index < end {
            if bytes[index] == ASCII.colon { return index }
            if bytes[index] == ASCII.greater || bytes[index] == ASCII.less { return nil }
            index += 1
        }
        return nil
    }

    private mutating func flush() {
        if var address = found {
            if address.name == nil { address.name = commentText() }
            output.append(address)
        } else if let host {
            output.append(
                MessageAddress(
                    name: phraseBeforeLocal.isEmpty ? commentText() : phraseBeforeLocal.buffer(source),
                    mailbox: local.buffer(source), host: host))
        } else if !phrase.isEmpty {
            output.append(MessageAddress(name: commentText(), mailbox: phrase.buffer(source), host: ByteBuffer()))
        }
        reset()
    }

    /// The comment as a name: `user@host (Full Name)` is the oldest way to write one.
    private func commentText() -> ByteBuffer? {
        guard let comment, !comment.isEmpty else { return nil }
        guard comment.contains(where: { bytes[$0] == ASCII.backslash }) else {
            return Unfolding.unfold(source, bytes, comment)
        }
        var text: [UInt8] = []
        var index = comment.lowerBound
        while index < comment.upperBound {
            if bytes[index] == ASCII.backslash, index + 1 < comment.upperBound { index += 1 }
            if bytes[index] != ASCII.cr, bytes[index] != ASCII.lf, bytes[index] != 0 { text.append(bytes[index]) }
            index += 1
        }
        return ByteBuffer(copying: text)
    }

    private mutating func reset() {
        phrase = PieceText()
        phraseBeforeLocal = PieceText()
        local = PieceText()
        endsInDot = false
        sawSpace = false
        host = nil
        found = nil
        comment = nil
    }

    /// What words are made of: everything but the specials of RFC 5322 §3.2.3, the dot being one of us.
    private static func isAtom(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x09, 0x0A, 0x0D, 0x20, 0x22, 0x28, 0x29, 0x2C, 0x3A, 0x3B, 0x3C, 0x3E, 0x40: false
        default: true
        }
    }
}
