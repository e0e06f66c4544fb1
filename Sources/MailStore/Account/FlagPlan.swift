import MailModel

/// Which rows a change of flags touches, and how; made before anything is changed.
struct FlagPlan {
    struct Row {
        let index: Int
        let row: MailboxRow
        let system: SystemFlags
        let keywords: Set<Keyword>
        /// Only \Seen differs: the change is one of read state.
        var operation: Change.Operation {
            row.flags.symmetricDifference(system) == .seen && !changesKeywords ? .readState : .update
        }
        let changesKeywords: Bool
    }

    /// In ascending order.
    private(set) var rows: [Row] = []
    private(set) var modified = UIDSet()

    init(
        _ change: FlagChange, of uids: UIDSet, in snapshot: MailboxSnapshot, unchangedSince: ChangeNumber?,
        account: AccountState
    ) throws(StoreError) {
        try account.values.keywords.check(change.newKeywords)
        let sets = account.values.keywords.sets
        var refused: [UInt32] = []
        // Rows share few combinations of flags; each is worked out once.
        var known: [UInt16: Set<Keyword>] = [:]
        for index in snapshot.indexes(of: uids) {
            guard let row = snapshot.row(at: index) else { continue }
            if let unchangedSince, row.change > unchangedSince {
                refused.append(row.uid)
                continue
            }
            let old = sets[row.keywordSet]
            let system = change.applied(to: row.flags, []).system
            let keywords: Set<Keyword>
            if let done = known[row.keywordSet] {
                keywords = done
            } else {
                keywords = change.applied(to: [], old).keywords
                try account.values.keywords.check(keywords)
                known[row.keywordSet] = keywords
            }
            let changesKeywords = keywords != old
            guard system != row.flags || changesKeywords else { continue }
            rows.append(
                Row(index: index, row: row, system: system, keywords: keywords, changesKeywords: changesKeywords))
        }
        modified = UIDSet(uids: refused)
    }
}
