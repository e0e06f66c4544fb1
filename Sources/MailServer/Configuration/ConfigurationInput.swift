/// What was written for a key, and where.
struct ConfigurationInput: Sendable {
    indirect enum Content: Sendable {
        case empty
        case scalar(String)
        case list([ConfigurationInput])
        case mapping([(key: String, value: ConfigurationInput)])
    }

    /// Where a text stands.
    enum Place: Hashable, Sendable, CustomStringConvertible {
        case file(String, line: Int)
        case override

        var description: String {
            switch self {
            case .file(let name, let line): "\(name) line \(line)"
            case .override: "--set"
            }
        }
    }

    let content: Content
    let place: Place

    var scalar: String? {
        if case .scalar(let text) = content { text } else { nil }
    }

    /// What it is, for a complaint.
    var kind: String {
        switch content {
        case .empty: "nothing"
        case .scalar(let text): "“\(text.prefix(60))”"
        case .list: "a list"
        case .mapping: "a group of keys"
        }
    }
}

/// Why a text is no value of its key; `expected` completes "… but must be".
struct UnfitValue: Error {
    let expected: String
}
