import ContentStore
import MailModel

extension DatabaseShard {
    package func verify(
        repair: Bool, progress: @escaping @Sendable (Int, Int) -> Void
    ) async throws(StoreError) -> VerifyReport {
        var verification = Verification(shard: self, repair: repair)
        try await verification.run(progress)
        return verification.report
    }
}

/// One run of `verify`: the index with itself, the index with the content files, and the content files with their checksums.
///
/// It works beside a running server: everything is read by reader threads, the writer is asked only where something must be
/// repaired, and what changes meanwhile is looked at again before it is called damage. Memory grows with the damage, not with the
/// mail.
struct Verification: Sendable {
    let shard: DatabaseShard
    let repair: Bool
    var report = VerifyReport()
    /// Content that cannot be read, or has no row; named at the end, in one pass over the messages.
    var lost: [Int64: LostContent] = [:]
    /// Of each segment, what living records occupy.
    var covered: [Int64: CoveredRanges] = [:]
    /// Of each segment, where rows see records that are not there.
    var claimed: [Int64: CoveredRanges] = [:]

    struct LostContent: Sendable {
        /// What is wrong with it.
        var damage: String
        var isRepaired = false
        /// Known where only the row is lost.
        var subject: String?
        /// The rows that refer to it, where the row that counts them is lost.
        var references: Int64 = 0
        /// Nil where the row is lost.
        var hasRow = true
        /// Whole files are missing: the finding about the file says so once.
        var isNamed = false
    }

    /// A part could not be read.
    private var isCut = false
    /// What ended the run.
    private var failure: StoreError?

    /// Lost contents that are kept apart; of more there is only a number.
    static let maximumLost = 100_000

    init(shard: DatabaseShard, repair: Bool) {
        self.shard = shard
        self.repair = repair
    }

    mutating func run(_ progress: @Sendable (Int, Int) -> Void) async throws(StoreError) {
        let damage = try await shard.readers.read { connection throws(StoreError) in
            try asStoreError { () throws(SQLError) in try connection.checkIntegrity() }
        }
        for text in damage {
            add(
                "the index",
                "\(text); `martlet salvage` builds a new one from the mail and what can be read of this one")
        }
        await verifyRows(progress)
        await unlessDamaged { (run) throws(StoreError) in try await run.verifyAccounts() }
        await unlessDamaged { (run) throws(StoreError) in try await run.verifyDirectory() }
        await unlessDamaged { (run) throws(StoreError) in try await run.nameLost() }
        if let failure { throw failure }
    }

    /// Rows with the content files.
    private mutating func verifyRows(_ progress: @Sendable (Int, Int) -> Void) async {
        var references: ReferenceCheck?
        await unlessDamaged { (run) throws(StoreError) in
            // All of it at one moment: deliveries go on meanwhile.
            references = try await run.shard.readers.read(isOneMoment: true) { connection throws(StoreError) in
                try ReferenceCheck.make(connection)
            }
        }
        guard let references else { return }
        await unlessDamaged { (run) throws(StoreError) in try await run.verifyReferences(references) }
        await unlessDamaged { (run) throws(StoreError) in try await run.verifyContent(references, progress) }
        await unlessDamaged { (run) throws(StoreError) in
            // Without all rows nobody can say what is dead.
            if run.isCut { return }
            try await run.verifySegments(references)
            try await run.verifyObjects()
        }
    }

    /// Runs one part. Where the index itself cannot be read, the others still say what they can.
    private mutating func unlessDamaged(
        _ part: (inout Verification) async throws(StoreError) -> Void
    ) async {
        guard failure == nil else { return }
        do throws(StoreError) {
            try await part(&self)
        } catch .damaged(let text) {
            isCut = true
            add(
                "the index",
                "a part of it cannot be read (\(text)), so this report is not complete; `martlet salvage` builds a new one from "
                    + "the mail and what can be read of this one")
        } catch {
            failure = error
        }
    }

    mutating func add(
        _ object: String, _ damage: String, account: AccountID? = nil, address: String? = nil, isRepaired: Bool = false
    ) {
        report.add(
            VerifyReport.Finding(
                account: account, address: address, object: object, damage: damage, isRepaired: isRepaired))
    }

    mutating func lose(_ content: Int64, _ entry: LostContent) {
        if lost.count < Self.maximumLost || lost[content] != nil { lost[content] = entry }
    }

    // MARK: References

    fileprivate mutating func verifyReferences(_ found: ReferenceCheck) async throws(StoreError) {
        for (content, references) in found.missing {
            lose(
                content,
                LostContent(damage: "the index has lost where its content is", references: references, hasRow: false))
        }
        if found.omitted > 0 { add("the index", "\(found.omitted) more contents have wrong or no rows") }
        for (content, count, expected) in found.wrong {
            var isRepaired = false
            if repair {
                isRepaired = try await shard.writer.perform { batch throws(StoreError) in
                    try batch.repairReferences(of: content, from: count, to: expected)
                }
            }
            let text =
                expected == 0
                ? "the index keeps it for \(count) messages, and no message refers to it: no mail is affected"
                : "the index counts \(count) messages that refer to it, there are \(expected): no mail is affected"
            add("content \(content)", text, isRepaired: isRepaired)
        }
    }
}

extension WriteBatch {
    /// Sets the count of references to what it should be, if it is still what was found. Content that nobody refers to goes.
    fileprivate func repairReferences(of content: Int64, from found: Int64, to expected: Int64) throws(StoreError)
        -> Bool
    {
        guard let now = try references(of: content) else { return true }
        let change = expected - found
        if now.count + change > 0 {
            try addReferences(change, to: content)
        } else {
            _ = try release(content, count: now.count)
        }
        return true
    }
}
