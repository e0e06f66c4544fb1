import Bytes

/// A position in the bytes of one complete command, literals included, and the elementary productions of RFC 9051 §9.
/// On failure the position is of no more use: the command is refused as a whole.
struct Cursor {
    private let bytes: [UInt8]
    private var index = 0
    let limits: ParserLimits

    /// The bytes of a command without its final CRLF.
    init(_ bytes: [UInt8], limits: ParserLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    var isAtEnd: Bool { index >= bytes.count }
    var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    /// Whether `byte` is next; then steps over it.
    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        index += 1
        return true
    }

    mutating func require(_ byte: UInt8, else error: SyntaxError = .invalidArgument) throws(SyntaxError) {
        guard take(byte) else { throw isAtEnd ? .missingArgument : error }
    }

    /// The SP before an argument.
    mutating func space() throws(SyntaxError) {
        guard take(ASCII.space) else { throw isAtEnd ? .missingArgument : .invalidArgument }
    }

    mutating func end() throws(SyntaxError) {
        // Trailing blanks are no argument; some clients send them.
        while take(ASCII.space) {}
        guard isAtEnd else { throw .unexpectedArgument }
    }

    /// The longest run of bytes that satisfy `isMember`; may be empty.
    mutating func run(_ isMember: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = index
        while index < bytes.count, isMember(bytes[index]) { index += 1 }
        return bytes[start..<index]
    }

    /// Steps back to before `run`, the last thing read.
    mutating func putBack(_ run: ArraySlice<UInt8>) {
        index -= run.count
    }

    /// An atom in capitals, for dispatch.
    mutating func keyword() throws(SyntaxError) -> String {
        let run = run(\.isIMAPAtom)
        guard !run.isEmpty else { throw isAtEnd ? .missingArgument : .invalidArgument }
        return String(decoding: run.map(\.asciiUppercased), as: UTF8.self)
    }

    /// Whether `word` (in capitals) is next, as a whole; then steps over it.
    mutating func takeKeyword(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.count - index >= count else { return false }
        let matches = word.withUTF8Buffer { wanted in
            for offset in 0..<count where bytes[index + offset].asciiUppercased != wanted[offset] { return false }
            return true
        }
        guard matches else { return false }
        if index + count < bytes.count, bytes[index + count].isIMAPAtom { return false }
        index += count
        return true
    }

    // MARK: Numbers

    /// `number64`: 0 to 2^63-1.
    mutating func number64() throws(SyntaxError) -> UInt64 {
        let digits = run(\.isASCIIDigit)
        guard !digits.isEmpty, digits.count <= 20 else { throw .invalidNumber }
        var value: UInt64 = 0
        for digit in digits {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit &- ASCII.zero))
            guard !overflow, !carry else { throw .invalidNumber }
            value = sum
        }
        guard value <= UInt64(Int64.max) else { throw .invalidNumber }
        return value
    }

    /// `number`: 0 to 2^32-1.
    mutating func number() throws(SyntaxError) -> UInt32 {
        guard let value = UInt32(exactly: try number64()) else { throw .invalidNumber }
        return value
    }

    /// `nz-number`.
    mutating func positiveNumber() throws(SyntaxError) -> UInt32 {
        let value = try number()
        guard value > 0 else { throw .invalidNumber }
        return value
    }

    // MARK: Strings

    /// `string`: quoted or literal.
    mutating func string() throws(SyntaxError) -> [UInt8] {
        switch next {
        case ASCII.doubleQuote: return try quoted()
        case ASCII.leftBrace: return try literal()
        case ASCII.tilde:
            // literal8 (RFC 3516 §4.4): for APPEND, but harmless wherever a string may stand.
            index += 1
            return try literal()
        case nil: throw .missingArgument
        default: throw .invalidString
        }
    }

    private mutating func quoted() throws(SyntaxError) -> [UInt8] {
        index += 1
        let start = index
        while index < bytes.count, bytes[index] != ASCII.doubleQuote, bytes[index] != ASCII.backslash {
            guard Self.mayBeQuoted(bytes[index]) else { throw .invalidString }
            index += 1
        }
        var text = Array(bytes[start..<index])
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == ASCII.doubleQuote { return text }
            if byte == ASCII.backslash {
                // RFC 9051 §9 lets only `"` and `\` be escaped; clients escape more, and mean the character.
                guard index < bytes.count, Self.mayBeQuoted(bytes[index]) else { throw .invalidString }
                text.append(bytes[index])
                index += 1
            } else {
                guard Self.mayBeQuoted(byte) else { throw .invalidString }
                text.append(byte)
            }
        }
        throw .invalidString
    }

    private static func mayBeQuoted(_ byte: UInt8) -> Bool {
        byte != 0 && byte != ASCII.cr && byte != ASCII.lf
    }

    /// `{n}` or `{n+}`, CRLF and `n` bytes: the framing has made sure that they are there.
    private mutating func literal() throws(SyntaxError) -> [UInt8] {
        guard take(ASCII.leftBrace) else { throw .invalidString }
        let count = try number64()
        _ = take(ASCII.plus)
        guard take(ASCII.rightBrace) else { throw .invalidString }
        _ = take(ASCII.cr)
        guard take(ASCII.lf), count <= UInt64(bytes.count - index) else { throw .invalidString }
        let end = index + Int(count)
        let text = bytes[index..<end]
        // RFC 9051 §9: CHAR8 excludes NUL.
        guard !text.contains(0) else { throw .invalidString }
        index = end
        return Array(text)
    }

    /// `astring`.
    mutating func astring() throws(SyntaxError) -> [UInt8] {
        switch next {
        case ASCII.doubleQuote, ASCII.leftBrace: return try string()
        default:
            let run = run(\.isIMAPAtomOrBracket)
            guard !run.isEmpty else { throw isAtEnd ? .missingArgument : .invalidString }
            return Array(run)
        }
    }

    /// `astring` that must be UTF-8.
    mutating func text() throws(SyntaxError) -> String {
        guard let text = String(validating: try astring(), as: UTF8.self) else { throw .invalidString }
        return text
    }

    /// `nstring` that must be UTF-8: nil for NIL.
    mutating func optionalText() throws(SyntaxError) -> String? {
        if takeKeyword("NIL") { return nil }
        guard let text = String(validating: try string(), as: UTF8.self) else { throw .invalidString }
        return text
    }

    /// `mailbox`, in modified UTF-7 or UTF-8.
    mutating func mailbox() throws(SyntaxError) -> MailboxName {
        let bytes = try astring()
        guard bytes.count <= limits.mailboxName, let path = ModifiedUTF7.decode(bytes) else { throw .invalidMailbox }
        return MailboxName(path: path)
    }

    // MARK: Lists

    /// `(item item …)`, with at least `minimum` items and at most `limits.listItems`.
    mutating func parenthesized(
        minimum: Int = 1, _ item: (inout Cursor) throws(SyntaxError) -> Void
    ) throws(SyntaxError) {
        try require(ASCII.leftParenthesis)
        var count = 0
        while !take(ASCII.rightParenthesis) {
            if count > 0 { try space() }
            // A blank before the closing parenthesis: sent by some clients.
            if count > 0, take(ASCII.rightParenthesis) { break }
            count += 1
            guard count <= limits.listItems else { throw .tooMany }
            try item(&self)
        }
        guard count >= minimum else { throw .missingArgument }
    }
}
