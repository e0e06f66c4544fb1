/// Enough of an IMAP client to send any command and read its answer.
struct IMAPClient {
    let wire: Wire
    private var number = 0

    init(_ server: ServerOptions) throws(LoadError) {
        wire = try server.connect()
        _ = try wire.lineText()
    }

    mutating func login(_ user: String, _ password: String) throws(LoadError) {
        try run("LOGIN \"\(user)\" \"\(password)\"")
    }

    /// Sends a command and returns its tag.
    mutating func send(_ command: String) throws(LoadError) -> String {
        number += 1
        let tag = "a\(number)"
        try wire.write("\(tag) \(command)\r\n")
        return tag
    }

    mutating func run(_ command: String) throws(LoadError) {
        try finish(try send(command), command)
    }

    /// Sends many commands in one write, then reads all answers.
    mutating func run(pipelined commands: [String]) throws(LoadError) {
        var text = ""
        let first = number + 1
        for command in commands {
            number += 1
            text += "a\(number) \(command)\r\n"
        }
        try wire.write(text)
        for (index, command) in commands.enumerated() { try finish("a\(first + index)", command) }
    }

    /// Reads up to the tagged answer, literals included. Anything but OK is an error.
    func finish(_ tag: String, _ command: String) throws(LoadError) {
        let tag = Array(tag.utf8)
        while true {
            let step: Step = try wire.line { line throws(LoadError) in
                if line.count > tag.count, line[tag.count] == 32, line.prefix(tag.count).elementsEqual(tag) {
                    let answer = String(decoding: line.dropFirst(tag.count + 1), as: UTF8.self)
                    guard answer.hasPrefix("OK") else { throw .unexpected(command, answer) }
                    return .done
                }
                return Self.literal(line).map { .literal($0) } ?? .more
            }
            switch step {
            case .done: return
            case .more: break
            case .literal(let count): try wire.skip(count)
            }
        }
    }

    private enum Step { case done, more, literal(Int) }

    /// The length of the literal that a line announces at its end.
    private static func literal(_ line: UnsafeRawBufferPointer) -> Int? {
        guard line.last == 125 else { return nil }
        var value = 0
        var factor = 1
        for byte in line.dropLast().reversed() {
            if byte == 123 { return factor > 1 ? value : nil }
            guard byte >= 48, byte <= 57, factor < 1_000_000_000_000 else { return nil }
            value += Int(byte - 48) * factor
            factor *= 10
        }
        return nil
    }

    /// A synchronising literal as a command's last argument.
    mutating func run(_ command: String, literal: [UInt8]) throws(LoadError) {
        let tag = try send("\(command) {\(literal.count)}")
        while true {
            let line = try wire.lineText()
            if line.hasPrefix("+") { break }
            guard line.hasPrefix("*") else { throw .unexpected(command, line) }
        }
        try wire.write(literal + [13, 10])
        try finish(tag, command)
    }

    mutating func logout() {
        guard let tag = try? send("LOGOUT") else { return }
        try? finish(tag, "LOGOUT")
    }
}
