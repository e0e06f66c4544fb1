import MailModel

/// The keyword sets of an account with the way back from a set to its number.
struct KeywordTable: Sendable {
    private(set) var sets = KeywordSets()
    private var numbers: [Set<Keyword>: UInt16] = [[]: 0]
    private var spellings: [Keyword: Keyword] = [:]

    /// Distinct keywords an account may use.
    static let maximumKeywords = 1000

    init() {}

    /// `stored` in order of their numbers, beginning with number 1.
    init(stored: [Set<Keyword>]) {
        for set in stored { append(set) }
    }

    /// Enough spellings for `keywords`? Call before `number(of:)`.
    func check(_ keywords: Set<Keyword>) throws(StoreError) {
        if keywords.isEmpty || numbers[keywords] != nil { return }
        for keyword in keywords {
            guard (1...Keyword.maximumLength).contains(keyword.name.utf8.count) else {
                throw .limit("a keyword has 1 to \(Keyword.maximumLength) bytes")
            }
            // Sets are stored as names between spaces.
            guard keyword.name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
                throw .notAllowed("a keyword has no spaces and no control characters")
            }
        }
        let new = keywords.reduce(0) { $0 + (spellings[$1] == nil ? 1 : 0) }
        if spellings.count + new > Self.maximumKeywords || sets.sets.count >= Int(UInt16.max) {
            throw .limit("an account has at most \(Self.maximumKeywords) keywords")
        }
    }

    func known(_ keywords: Set<Keyword>) -> UInt16? { numbers[keywords] }

    /// The number of `keywords`; `isNew` when it was not yet in use and must be stored.
    mutating func number(of keywords: Set<Keyword>) -> (number: UInt16, isNew: Bool) {
        if let number = numbers[keywords] { return (number, false) }
        append(keywords)
        return (UInt16(truncatingIfNeeded: sets.sets.count - 1), true)
    }

    private mutating func append(_ keywords: Set<Keyword>) {
        var spelled: Set<Keyword> = []
        for keyword in keywords {
            let shown = spellings[keyword] ?? keyword
            spellings[shown] = shown
            spelled.insert(shown)
        }
        numbers[spelled] = UInt16(truncatingIfNeeded: sets.sets.count)
        sets.append(spelled)
    }

    /// The form stored: names separated by spaces, which no keyword contains.
    static func text(_ keywords: Set<Keyword>) -> String {
        keywords.map(\.name).sorted().joined(separator: " ")
    }

    static func keywords(_ text: String) -> Set<Keyword> {
        Set(text.split(separator: " ").map { Keyword(String($0)) })
    }
}
