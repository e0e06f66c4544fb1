import NIOCore

/// Reads what an IMAP server says as strictly as a client may (RFC 9051 §7).
struct IMAPReplies {
    enum Reply {
        case untagged(IMAPLine)
        case tagged(String, String)
        case continuation
    }

    private var lines: Lines
    private(set) var remainder = ""

    init(_ bytes: ByteBuffer) { lines = Lines(bytes) }

    var isAtEnd: Bool { lines.isAtEnd && remainder.isEmpty }

    mutating func next() -> Reply? {
        guard let first = lines.next() else {
            return nil
        }
        if first.starts(with: "+ ".utf8) {
            printable(first)
            return .continuation
        }
        if first.starts(with: "* ".utf8) {
            var line = IMAPLine()
            var part = first.dropFirst(2)
            while true {
                line.append(part)
                guard let (size, isBinary) = line.isText ? nil : Self.literal(part) else { break }
                guard let content = lines.take(size), let rest = lines.next() else {
                    remainder = text(first)
                    return nil
                }
                // A message goes out as it came in.
                expect(
                    isBinary || line.words.dropFirst().first == "FETCH" || !content.contains(0), "a NUL in a literal")
                line.content(content)
                part = rest
            }
            line.check()
            return .untagged(line)
        }
        printable(first)
        let words = first.split(separator: 0x20, maxSplits: 2).map { String(decoding: $0, as: UTF8.self) }
        expect(words.count == 3 && ["OK", "NO", "BAD"].contains(words[1]), "no reply: \(text(first))")
        let isTag = first.prefix { $0 != 0x20 }.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"(){%*\"\\+".utf8.contains($0) }
        expect(isTag, "no tag: \(text(first))")
        return .tagged(words[0], text(first))
    }

    private func printable(_ line: ArraySlice<UInt8>) {
        expect(line.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "a text that is not printable: \(text(line))")
    }

    /// The size of the literal that `part` announces at its end.
    private static func literal(_ part: ArraySlice<UInt8>) -> (Int, isBinary: Bool)? {
        guard part.last == 0x7D, let brace = part.lastIndex(of: 0x7B) else { return nil }
        let digits = part[(brace + 1)...].dropLast()
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let size = Int(String(decoding: digits, as: UTF8.self))
        else { return nil }
        return (size, part[..<brace].last == 0x7E)
    }
}

/// An untagged response: its text outside of strings, and its shape.
struct IMAPLine {
    /// Strings are empty here, so that what they hold is not mistaken for anything else.
    private(set) var outline: [UInt8] = []
    private var isQuoted = false
    private var isEscaped = false

    /// Whether it is text for people, in which braces mean nothing.
    private(set) var isText = false

    var words: [String] {
        outline.split(separator: 0x20, maxSplits: 2).map { String(decoding: $0, as: UTF8.self) }
    }

    mutating func append(_ part: ArraySlice<UInt8>) {
        if outline.isEmpty { isText = ["OK ", "NO ", "BAD ", "BYE "].contains { part.starts(with: $0.utf8) } }
        for byte in part {
            expect(byte >= 0x20 && byte != 0x7F, "a control character in a response: \(text(part))")
            expect(byte < 0x80, "a response is not ASCII: \(text(part))")
            if isText {
                outline.append(byte)
            } else if isEscaped {
                isEscaped = false
            } else if isQuoted {
                if byte == 0x5C { isEscaped = true }
                if byte == 0x22 {
                    isQuoted = false
                    outline.append(byte)
                }
            } else {
                if byte == 0x22 { isQuoted = true }
                outline.append(byte)
            }
        }
    }

    mutating func content(_ bytes: ArraySlice<UInt8>) {
        expect(!isQuoted, "a literal within a quoted string")
        // The announcement goes: it is no text of the line.
        if let brace = outline.lastIndex(of: 0x7B) { outline.removeSubrange(brace...) }
        outline += Array("\"\"".utf8)
    }

    func check() {
        guard !isText else { return }
        expect(!isQuoted, "a quoted string has no end: \(text(outline))")
        var depth = 0
        for byte in outline {
            if byte == 0x28 { depth += 1 }
            if byte == 0x29 { depth -= 1 }
            expect(depth >= 0, "parentheses do not match: \(text(outline))")
        }
        expect(depth == 0, "parentheses do not match: \(text(outline))")
        let words = words
        if let first = words.first, UInt32(first) != nil {
            expect(
                words.count > 1 && ["EXISTS", "RECENT", "EXPUNGE", "FETCH"].contains(words[1]),
                "an unknown response: \(text(outline))")
        } else {
            let known = [
                "FLAGS", "LIST", "LSUB", "STATUS", "SEARCH", "ESEARCH", "CAPABILITY", "ENABLED", "NAMESPACE", "QUOTA",
                "QUOTAROOT", "ID",
            ]
            expect(words.first.map(known.contains) ?? false, "an unknown response: \(text(outline))")
        }
        expect(
            !outline.contains([0x20, 0x20]) && outline.last != 0x20 && !outline.contains([0x28, 0x20]),
            "a space too many: \(text(outline))")
    }
}

/// What a client that keeps a copy of its mailbox knows, and whether it is told consistently (RFC 9051 §7.4).
struct IMAPCachingClient {
    /// UIDs by message number, as far as they were told; nil while no mailbox is selected.
    private var uids: [UInt32?]?
    private var isSelecting = false

    var count: Int? { uids?.count }

    mutating func take(_ line: IMAPLine) {
        let words = line.words
        // Only SELECT and EXAMINE say so.
        if line.outline.starts(with: "OK [PERMANENTFLAGS".utf8) {
            isSelecting = true
            return
        }
        guard words.count >= 2, let number = Int(words[0]) else { return }
        switch words[1] {
        case "EXISTS":
            if isSelecting {
                uids = Array(repeating: nil, count: number)
                isSelecting = false
                return
            }
            guard let count else { fail("EXISTS without a mailbox") }
            expect(number >= count, "EXISTS \(number) after \(count)")
            uids? += Array(repeating: nil, count: number - count)
        case "EXPUNGE":
            guard let count, (1...max(count, 1)).contains(number), count > 0 else {
                fail("EXPUNGE \(number) of \(self.count ?? 0)")
            }
            uids?.remove(at: number - 1)
        case "FETCH":
            guard let count, number >= 1, number <= count else { fail("FETCH \(number) of \(self.count ?? 0)") }
            guard let uid = Self.uid(line.outline) else { return }
            if let known = uids?[number - 1] { expect(known == uid, "message \(number) has UID \(known) and \(uid)") }
            uids?[number - 1] = uid
            let told = (uids ?? []).compactMap(\.self)
            expect(zip(told, told.dropFirst()).allSatisfy { $0 < $1 }, "UIDs do not ascend")
        default: break
        }
    }

    private static func uid(_ outline: [UInt8]) -> UInt32? {
        // A header field may be called so, too.
        if outline.firstRange(of: "HEADER.FIELDS".utf8) != nil { return nil }
        for prefix in ["(UID ", " UID "] {
            guard let range = outline.firstRange(of: prefix.utf8) else { continue }
            let digits = outline[range.upperBound...].prefix { (0x30...0x39).contains($0) }
            if let uid = UInt32(String(decoding: digits, as: UTF8.self)) { return uid }
        }
        return nil
    }
}
