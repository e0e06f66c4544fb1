/// What a target's inputs are made of, beyond bytes.
struct Grammar: Sendable {
    /// Commands, with places to fill in: `%` and a letter.
    let commands: [String]
    /// What may stand in such a place.
    let values: [Character: [String]]
}

/// Changes a session's script by commands rather than bytes: inserts, repeats, moves and splices lines, adds events, and
/// sets the announced length of a literal right or wrong.
enum Mutator {
    // Safety: the fuzzer has one thread.
    nonisolated(unsafe) private static var pool: [ArraySlice<UInt8>] = []

    static func mutate(_ bytes: [UInt8], _ grammar: Grammar, seed: UInt32) -> [UInt8] {
        var random = Pieces(seed: withUnsafeBytes(of: seed) { Array($0) })
        var lines = split(bytes)
        remember(lines, &random)
        for _ in 0...random.next(below: 3) { change(&lines, grammar, &random) }
        return Array(lines.joined())
    }

    /// Lines with their ends; events by themselves.
    private static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0xFF, index + 1 < bytes.count {
                if start < index { lines.append(bytes[start..<index]) }
                lines.append(bytes[index..<(index + 2)])
                index += 2
                start = index
            } else {
                index += 1
                if bytes[index - 1] == 0x0A {
                    lines.append(bytes[start..<index])
                    start = index
                }
            }
        }
        if start < bytes.count { lines.append(bytes[start...]) }
        return lines
    }

    private static func remember(_ lines: [ArraySlice<UInt8>], _ random: inout Pieces) {
        guard let line = lines.indices.randomElement(using: &random).map({ lines[$0] }), line.count < 200 else {
            return
        }
        if pool.count < 2000 { pool.append(line) } else { pool[random.next(below: pool.count)] = line }
    }

    private static func change(_ lines: inout [ArraySlice<UInt8>], _ grammar: Grammar, _ random: inout Pieces) {
        let place = random.next(below: lines.count + 1)
        let victim = lines.isEmpty ? nil : random.next(below: lines.count)
        switch random.next(below: 11) {
        case 0: if let victim { lines.remove(at: victim) }
        case 1: if let victim { lines.insert(lines[victim], at: place) }
        case 2: if let victim { lines.insert(lines.remove(at: victim), at: min(place, lines.count)) }
        case 3, 4: lines.insert(command(grammar, &random), at: place)
        case 5: if let victim { lines[victim] = command(grammar, &random) }
        case 6:
            if let letter = ScriptStep.letters.randomElement(using: &random) {
                lines.insert([0xFF, letter], at: place)
            }
        case 7: if let victim { number(in: &lines[victim], &random) }
        case 8: if let victim { literal(&lines, victim, &random) }
        case 9: if let line = pool.randomElement(using: &random) { lines.insert(line, at: place) }
        default:
            if let victim { lines[victim] = lines[victim].prefix(random.next(below: lines[victim].count + 1)) }
        }
    }

    private static func command(_ grammar: Grammar, _ random: inout Pieces) -> ArraySlice<UInt8> {
        var text = ""
        var isPlace = false
        for character in grammar.commands.randomElement(using: &random) ?? "" {
            if isPlace {
                text += grammar.values[character]?.randomElement(using: &random) ?? ""
                isPlace = false
            } else if character == "%" {
                isPlace = true
            } else {
                text.append(character)
            }
        }
        return Array(text.utf8 + [0x0D, 0x0A])[...]
    }

    private static func number(in line: inout ArraySlice<UInt8>, _ random: inout Pieces) {
        let digits: ClosedRange<UInt8> = 0x30...0x39
        let starts = line.indices.filter {
            digits.contains(line[$0]) && !($0 > line.startIndex && digits.contains(line[$0 - 1]))
        }
        guard let start = starts.randomElement(using: &random) else { return }
        let end = line[start...].firstIndex { !digits.contains($0) } ?? line.endIndex
        let numbers = [
            "0", "1", "2", "3", "7", "8", "9", "10", "64", "255", "512", "2047", "4294967295", "4294967296",
            "18446744073709551616", "9223372036854775807",
        ]
        line = Array(line[..<start] + Array((numbers.randomElement(using: &random) ?? "0").utf8) + line[end...])[...]
    }

    /// Gives a literal or chunk the length of what follows it, or one off.
    private static func literal(_ lines: inout [ArraySlice<UInt8>], _ victim: Int, _ random: inout Pieces) {
        guard victim + 1 < lines.count else { return }
        var length = 0
        for line in lines[(victim + 1)...].prefix(1 + random.next(below: 4)) { length += line.count }
        if random.next(below: 4) == 0 { length += random.next(below: 5) - 2 }
        let digits = Array(String(max(0, length)).utf8)
        let line = Array(lines[victim])
        if let brace = line.lastIndex(of: 0x7B) {
            let tail = line[brace...].contains(0x2B) ? "+}\r\n" : "}\r\n"
            lines[victim] = (line[...brace] + digits + Array(tail.utf8))
        } else if line.starts(with: "BDAT".utf8) {
            lines[victim] =
                (Array("BDAT ".utf8) + digits + Array((random.next(below: 2) == 0 ? "\r\n" : " LAST\r\n").utf8))[...]
        }
    }
}

extension Pieces: RandomNumberGenerator {
    mutating func next() -> UInt64 { UInt64(next(below: 1 << 31)) << 33 | UInt64(next(below: 1 << 31)) << 2 }
}
