package import MailModel

extension FlagChange {
    /// What a message's flags become.
    package func applied(to system: SystemFlags, _ keywords: Set<Keyword>) -> (
        system: SystemFlags, keywords: Set<Keyword>
    ) {
        switch self {
        case .add(let flags): (system.union(flags.system), keywords.union(flags.keywords))
        case .remove(let flags): (system.subtracting(flags.system), keywords.subtracting(flags.keywords))
        case .replace(let flags): (flags.system, flags.keywords)
        }
    }

    /// The keywords that may come into use.
    var newKeywords: Set<Keyword> {
        switch self {
        case .add(let flags), .replace(let flags): flags.keywords
        case .remove: []
        }
    }
}
