extension Change {
    /// The first entries of `all`, at most `limit`, but never a part of the entries of one number: a client that goes on
    /// from the last number would miss the rest.
    static func page(_ all: [Change], limit: Int) -> [Change] {
        let limit = max(limit, 1)
        guard all.count > limit else { return all }
        let next = all[limit].number
        if let end = all[..<limit].lastIndex(where: { $0.number != next }) { return Array(all[...end]) }
        return Array(all.prefix { $0.number == next })
    }
}
