import Bytes

extension Cursor {
    /// FETCH's arguments, behind the command (RFC 9051 §6.4.5).
    mutating func fetch(isUID: Bool) throws(SyntaxError) -> Command {
        try space()
        var command = FetchCommand(messages: try messageSet(), isUID: isUID, attributes: [])
        try space()
        if next == ASCII.leftParenthesis {
            try parenthesized { (cursor) throws(SyntaxError) in
                command.attributes.append(try cursor.fetchAttribute())
            }
        } else if takeKeyword("ALL") {
            command.attributes = FetchAttribute.macroAll
        } else if takeKeyword("FAST") {
            command.attributes = FetchAttribute.macroFast
        } else if takeKeyword("FULL") {
            command.attributes = FetchAttribute.macroFull
        } else {
            command.attributes = [try fetchAttribute()]
        }
        if take(ASCII.space), !isAtEnd {
            try parenthesized { (cursor) throws(SyntaxError) in
                guard cursor.takeKeyword("CHANGEDSINCE") else { throw .unknownOption }
                try cursor.space()
                command.changedSince = try cursor.number64()
            }
        }
        return .fetch(command)
    }

    private mutating func fetchAttribute() throws(SyntaxError) -> FetchAttribute {
        // Not `keyword()`: `[` is an atom character.
        let name = String(
            decoding: run { $0.isASCIIAlphanumeric || $0 == ASCII.dot }.map(\.asciiUppercased), as: UTF8.self)
        switch name {
        case "FLAGS": return .flags
        case "UID": return .uid
        case "INTERNALDATE": return .internalDate
        case "ENVELOPE": return .envelope
        case "BODYSTRUCTURE": return .bodyStructure
        case "RFC822": return .rfc822
        case "RFC822.HEADER": return .rfc822Header
        case "RFC822.TEXT": return .rfc822Text
        case "RFC822.SIZE": return .rfc822Size
        case "BODY":
            guard next == ASCII.leftBracket else { return .body }
            return .section(try section(), partial: try partial(), peek: false)
        case "BODY.PEEK": return .section(try section(), partial: try partial(), peek: true)
        case "BINARY": return .binary(part: try binaryPart(), partial: try partial(), peek: false)
        case "BINARY.PEEK": return .binary(part: try binaryPart(), partial: try partial(), peek: true)
        case "BINARY.SIZE": return .binarySize(part: try binaryPart())
        case "MODSEQ": return .modSequence
        case "EMAILID": return .emailID
        case "THREADID": return .threadID
        case "SAVEDATE": return .saveDate
        case "PREVIEW":
            // RFC 8970 §3.1: PREVIEW or PREVIEW (LAZY).
            var isLazy = false
            if next == ASCII.space, lookAheadIsParenthesis {
                try space()
                try parenthesized { (cursor) throws(SyntaxError) in
                    guard cursor.takeKeyword("LAZY") else { throw .unknownOption }
                    isLazy = true
                }
            }
            return .preview(lazy: isLazy)
        default: throw .unknownFetchAttribute
        }
    }

    private var lookAheadIsParenthesis: Bool {
        var ahead = self
        return ahead.take(ASCII.space) && ahead.next == ASCII.leftParenthesis
    }

    /// `section`: `[` … `]` (RFC 9051 §9).
    private mutating func section() throws(SyntaxError) -> Section {
        try require(ASCII.leftBracket, else: .invalidSection)
        var section = Section()
        while let byte = next, byte.isASCIIDigit {
            section.part.append(try partNumber(after: section.part))
            if !take(ASCII.dot) {
                try require(ASCII.rightBracket, else: .invalidSection)
                return section
            }
        }
        if section.part.isEmpty, take(ASCII.rightBracket) { return section }
        switch String(decoding: run { $0.isASCIILetter || $0 == ASCII.dot }.map(\.asciiUppercased), as: UTF8.self) {
        case "HEADER": section.text = .header
        case "TEXT": section.text = .text
        case "MIME":
            guard !section.part.isEmpty else { throw .invalidSection }
            section.text = .mime
        case "HEADER.FIELDS": section.text = .headerFields(try headerNames())
        case "HEADER.FIELDS.NOT": section.text = .headerFieldsNot(try headerNames())
        default: throw .invalidSection
        }
        try require(ASCII.rightBracket, else: .invalidSection)
        return section
    }

    private mutating func headerNames() throws(SyntaxError) -> [String] {
        try space()
        var names: [String] = []
        try parenthesized { (cursor) throws(SyntaxError) in names.append(try cursor.text()) }
        return names
    }

    /// `[1.2]`, or `[]` for the whole message (RFC 3516 §7 "section-binary").
    private mutating func binaryPart() throws(SyntaxError) -> [UInt32] {
        try require(ASCII.leftBracket, else: .invalidSection)
        var part: [UInt32] = []
        if take(ASCII.rightBracket) { return part }
        repeat { part.append(try partNumber(after: part)) } while take(ASCII.dot)
        try require(ASCII.rightBracket, else: .invalidSection)
        return part
    }

    private mutating func partNumber(after part: [UInt32]) throws(SyntaxError) -> UInt32 {
        guard part.count < limits.depth else { throw .nestedTooDeeply }
        guard let byte = next, byte.isASCIIDigit, let number = UInt32(exactly: try number64()), number > 0 else {
            throw .invalidSection
        }
        return number
    }

    /// `<offset.count>`, if it is there.
    private mutating func partial() throws(SyntaxError) -> Partial? {
        guard take(ASCII.less) else { return nil }
        let offset = try number64()
        try require(ASCII.dot, else: .invalidSection)
        let count = try number64()
        try require(ASCII.greater, else: .invalidSection)
        guard count > 0 else { throw .invalidNumber }
        return Partial(offset: Int(clamping: offset), count: Int(clamping: count))
    }
}
