import Bytes
import NIOCore

/// Reads FETCH replies as strictly as RFC 9051 §9 writes them, for IMAP4rev1: what it takes, any client must take.
struct ReplyReader {
    struct Violation: Error {
        let what: String
        let offset: Int
    }

    private let bytes: ByteBufferView
    private let buffer: ByteBuffer
    private var position: Int

    init(_ buffer: ByteBuffer) {
        self.buffer = buffer
        bytes = buffer.readableBytesView
        position = bytes.startIndex
    }

    var isAtEnd: Bool { position == bytes.endIndex }

    mutating func expect(_ text: String) throws {
        for byte in text.utf8 {
            guard position < bytes.endIndex, bytes[position] == byte else { throw violation("expected \(text)") }
            position += 1
        }
    }

    func isNext(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

    mutating func number() throws -> Int {
        let start = position
        while position < bytes.endIndex, (0x30...0x39).contains(bytes[position]) { position += 1 }
        guard let value = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw violation("number")
        }
        return value
    }

    mutating func nstring() throws -> ByteBuffer? {
        if isNext("NIL") {
            position += 3
            return nil
        }
        return try string()
    }

    @discardableResult
    mutating func string() throws -> ByteBuffer {
        if isNext("{") {
            position += 1
            let count = try number()
            try expect("}\r\n")
            guard let literal = buffer.getSlice(at: position, length: count) else {
                throw violation("literal runs past the end")
            }
            position += count
            return literal
        }
        try expect("\"")
        var text: [UInt8] = []
        while position < bytes.endIndex, bytes[position] != 0x22 {
            if bytes[position] == 0x5C {
                position += 1
                guard bytes[position] == 0x22 || bytes[position] == 0x5C else { throw violation("escape") }
            }
            guard (1...0x7F).contains(bytes[position]), bytes[position] != 0x0A, bytes[position] != 0x0D else {
                throw violation("byte in a quoted string")
            }
            text.append(bytes[position])
            position += 1
        }
        try expect("\"")
        return ByteBuffer(bytes: text)
    }

    mutating func envelope() throws {
        try expect("(")
        _ = try nstring()
        try expect(" ")
        _ = try nstring()
        for _ in 0..<6 {
            try expect(" ")
            try addresses()
        }
        try expect(" ")
        _ = try nstring()
        try expect(" ")
        _ = try nstring()
        try expect(")")
    }

    /// Groups must begin and end in pairs.
    private mutating func addresses() throws {
        if isNext("NIL") {
            position += 3
            return
        }
        var isInGroup = false
        try expect("(")
        repeat {
            try expect("(")
            _ = try nstring()
            try expect(" ")
            _ = try nstring()
            try expect(" ")
            let mailbox = try nstring()
            try expect(" ")
            let host = try nstring()
            try expect(")")
            if host == nil {
                guard isInGroup == (mailbox == nil) else { throw violation("group") }
                isInGroup = mailbox != nil
            }
        } while isNext("(")
        guard !isInGroup else { throw violation("group without end") }
        try expect(")")
    }

    /// BODYSTRUCTURE if extended, else BODY.
    mutating func body(isExtended: Bool) throws {
        try expect("(")
        if isNext("(") {
            repeat { try body(isExtended: isExtended) } while isNext("(")
            try expect(" ")
            try string()
            if isExtended {
                try expect(" ")
                try parameters()
                try tail()
            }
        } else {
            try part(isExtended: isExtended)
        }
        try expect(")")
    }

    private mutating func part(isExtended: Bool) throws {
        let type = String(buffer: try string()).lowercased()
        try expect(" ")
        let subtype = String(buffer: try string()).lowercased()
        try expect(" ")
        try parameters()
        try expect(" ")
        _ = try nstring()
        try expect(" ")
        _ = try nstring()
        try expect(" ")
        try string()
        try expect(" ")
        _ = try number()
        if type == "text" {
            try expect(" ")
            _ = try number()
        } else if type == "message", subtype == "rfc822" {
            try expect(" ")
            try envelope()
            try expect(" ")
            try body(isExtended: isExtended)
            try expect(" ")
            _ = try number()
        }
        guard isExtended else { return }
        try expect(" ")
        _ = try nstring()
        try tail()
    }

    private mutating func tail() throws {
        try expect(" ")
        if isNext("(") {
            try expect("(")
            try string()
            try expect(" ")
            try parameters()
            try expect(")")
        } else {
            try expect("NIL")
        }
        try expect(" ")
        try list { try $0.string() }
        try expect(" ")
        _ = try nstring()
    }

    private mutating func parameters() throws {
        try list {
            try $0.string()
            try $0.expect(" ")
            try $0.string()
        }
    }

    /// NIL, or at least one element in parentheses.
    private mutating func list(_ element: (inout ReplyReader) throws -> Void) throws {
        guard isNext("(") else { return try expect("NIL") }
        try expect("(")
        try element(&self)
        while isNext(" ") {
            try expect(" ")
            try element(&self)
        }
        try expect(")")
    }

    private func violation(_ what: String) -> Violation { Violation(what: what, offset: position) }
}
