import MailModel
import MailStore

/// The text of every combination of flags in a folder, made once per command: a row costs one copy.
struct FlagTexts {
    /// Added to the bits of `SystemFlags` for \Recent (RFC 3501 §2.3.2), which belongs to a session and is not stored.
    static let recent = 32
    private static let combinations = 64

    /// Texts of the system flags, `width` bytes apart: `\Answered \Seen`.
    private(set) var system: [UInt8]
    private(set) var systemLengths: [UInt8]
    /// All six system flags together are 51 bytes.
    static let width = 64

    /// The keywords of each set, separated by spaces, made when first asked for.
    private var keywordTexts: [[UInt8]?]
    private let sets: KeywordSets

    init(_ sets: KeywordSets) {
        self.sets = sets
        keywordTexts = Array(repeating: nil, count: sets.sets.count)
        system = Array(repeating: 0, count: Self.combinations * Self.width)
        systemLengths = Array(repeating: 0, count: Self.combinations)
        for bits in 0..<Self.combinations {
            let text = Self.text(SystemFlags(rawValue: UInt16(bits & 31)), isRecent: bits & Self.recent != 0)
            systemLengths[bits] = UInt8(text.count)
            for (index, byte) in text.enumerated() { system[bits * Self.width + index] = byte }
        }
    }

    /// The names in set `number`, in alphabetical order so that the same set always looks the same.
    mutating func keywords(_ number: UInt16) -> [UInt8] {
        let index = Int(number)
        guard index < keywordTexts.count else { return [] }
        if let text = keywordTexts[index] { return text }
        let text = Array(sets[number].map(\.name).sorted().joined(separator: " ").utf8)
        keywordTexts[index] = text
        return text
    }

    private static func text(_ flags: SystemFlags, isRecent: Bool) -> [UInt8] {
        var names: [String] = isRecent ? ["\\Recent"] : []
        if flags.contains(.answered) { names.append("\\Answered") }
        if flags.contains(.flagged) { names.append("\\Flagged") }
        if flags.contains(.deleted) { names.append("\\Deleted") }
        if flags.contains(.seen) { names.append("\\Seen") }
        if flags.contains(.draft) { names.append("\\Draft") }
        return Array(names.joined(separator: " ").utf8)
    }
}
