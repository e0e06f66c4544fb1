import MailModel

/// Each account's rows with each other: counters, numbers that must be beyond all given out, folders and what they hang from.
extension Verification {
    /// One thing wrong with an account, in words.
    struct AccountProblem: Hashable, Sendable {
        let object: String
        let damage: String
        /// Whether a repair of the account mends it.
        var isReparable = true
    }

    private struct Inspection: Sendable {
        var address: String
        var problems: [AccountProblem]
        var messages: Int64
        var bytes: Int64
    }

    mutating func verifyAccounts() async throws(StoreError) {
        var last: Int64 = 0
        while true {
            let from = last
            let page = try await shard.readers.read { connection throws(StoreError) in
                try connection.rows(
                    .selectAccountIDs,
                    { statement in
                        statement.bind(from)
                        statement.bind(1000)
                    }, { AccountID($0.integer(0)) })
            }
            guard let end = page.last else { break }
            last = end.rawValue
            for id in page { try await verify(id) }
        }
        try await verifyOwnerless(.selectItemAccount)
        try await verifyOwnerless(.selectFolderAccount)
    }

    private mutating func verify(_ id: AccountID) async throws(StoreError) {
        let found: Inspection? = try await shard.readers.read(isOneMoment: true) { connection throws(StoreError) in
            guard let account = try AccountState.read(id, from: connection) else { return nil }
            let facts = try AccountFacts(of: id, connection)
            return Inspection(
                address: account.values.record.address.description, problems: facts.problems(in: account),
                messages: facts.messages, bytes: facts.bytes)
        }
        // Removed meanwhile.
        guard let found else { return }
        report.accounts += 1
        report.messages += Int(found.messages)
        report.bytes += found.bytes
        guard !found.problems.isEmpty else { return }
        var isRepaired = false
        if repair {
            isRepaired = try await shard.writer.perform { batch throws(StoreError) in try batch.repair(id) }
        }
        for problem in found.problems {
            add(
                problem.object, problem.damage, account: id, address: found.address,
                isRepaired: isRepaired && problem.isReparable)
        }
    }

    /// Rows of accounts that are not there.
    private mutating func verifyOwnerless(_ statement: StoreStatement) async throws(StoreError) {
        var last: Int64 = 0
        while true {
            let from = last
            let next = try await shard.readers.read { connection throws(StoreError) in
                try connection.rows(statement, { $0.bind(from) }, { $0.optionalInteger(0) }).first ?? nil
            }
            guard let next else { return }
            last = next
            let found = try await shard.readers.read(isOneMoment: true) {
                connection throws(StoreError) -> (messages: Int64, folders: Int)? in
                guard try AccountState.read(AccountID(next), from: connection) == nil else { return nil }
                let folders = try connection.rows(.selectFolders, { $0.bind(next) }, { $0.integer(0) }).count
                return (try AccountFacts(of: AccountID(next), connection).messages, folders)
            }
            guard let found, statement == .selectItemAccount || found.messages == 0 else { continue }
            add(
                "account \(next)",
                "the index has \(found.messages) messages and \(found.folders) folders of an account that it does not know; "
                    + "`martlet salvage` brings the account back", account: AccountID(next))
        }
    }
}

/// What an account's items say, to be compared with its counters.
struct AccountFacts {
    struct OfFolder {
        let messages: Int64
        let unseen: Int64
        let deleted: Int64
        let size: Int64
        let maximumUID: Int64
    }

    private(set) var folders: [Int64: OfFolder] = [:]
    private(set) var maximumID: Int64 = 0
    private(set) var maximumChange: Int64 = 0
    private(set) var maximumKeywordSet: Int64 = 0
    let firstLogged: Int64
    let lastLogged: Int64

    init(of id: AccountID, _ connection: any SQLConnection) throws(StoreError) {
        let log =
            try connection.rows(
                .selectLogRange, { $0.bind(id.rawValue) }, { ($0.integer(0), $0.integer(1)) }
            ).first ?? (0, 0)
        (firstLogged, lastLogged) = log
        let rows = try connection.rows(
            .sumFolders, { $0.bind(id.rawValue) }, { row in (0..<10).map { row.integer($0) } })
        for row in rows {
            folders[row[0]] = OfFolder(
                messages: row[1], unseen: row[2], deleted: row[3], size: row[4], maximumUID: row[5])
            maximumID = max(maximumID, row[6])
            maximumChange = max(maximumChange, row[7], row[8])
            maximumKeywordSet = max(maximumKeywordSet, row[9])
        }
    }

    var messages: Int64 { folders.values.reduce(0) { $0 + $1.messages } }
    var bytes: Int64 { folders.values.reduce(0) { $0 + $1.size } }

    /// What differs from the account's own rows.
    func problems(in account: AccountState) -> [Verification.AccountProblem] {
        typealias Problem = Verification.AccountProblem
        var problems: [Problem] = []
        let values = account.values
        let names = FolderNames(
            values.folders.values.map { (id: $0.id.rawValue, parent: $0.values.parent?.rawValue, name: $0.values.name) }
        )
        func folder(_ id: Int64, _ damage: String) {
            problems.append(Problem(object: "folder \(names.path(id))", damage: damage))
        }
        func whole(_ damage: String, isReparable: Bool = true) {
            problems.append(
                Problem(object: "account \(values.record.address)", damage: damage, isReparable: isReparable))
        }
        for state in values.folders.values.sorted(by: { $0.id < $1.id }) {
            let found = folders[state.id.rawValue]
            let numbers = state.values
            if numbers.messages != found?.messages ?? 0 {
                folder(state.id.rawValue, "it counts \(numbers.messages) messages and has \(found?.messages ?? 0)")
            } else if numbers.unseen != found?.unseen ?? 0 || numbers.deleted != found?.deleted ?? 0
                || numbers.size != found?.size ?? 0
            {
                folder(
                    state.id.rawValue, "its counters of unseen or deleted messages or of bytes differ from its messages"
                )
            }
            if let found, Int64(numbers.uidNext) <= found.maximumUID {
                folder(
                    state.id.rawValue,
                    "it would give UID \(numbers.uidNext) to a new message, though there is UID \(found.maximumUID)")
            }
            if numbers.uidNext == 0 { folder(state.id.rawValue, "its next UID is 0") }
            if numbers.uidValidity == 0 || numbers.uidValidity >= values.nextValidity {
                folder(state.id.rawValue, "its UIDVALIDITY \(numbers.uidValidity) has not been given out")
            }
            if numbers.highestChange > values.change || numbers.propertiesChange > values.change {
                folder(state.id.rawValue, "its change number is beyond the account's")
            }
            if let parent = numbers.parent?.rawValue, values.folders[parent] == nil {
                folder(state.id.rawValue, "the folder above it is missing, so that no program shows it")
            } else if numbers.parent == nil, state.id != SystemFolder.root {
                folder(state.id.rawValue, "it hangs from no folder, so that no program shows it")
            } else if !names.leadsToRoot(state.id.rawValue) {
                folder(state.id.rawValue, "it is inside itself, so that no program shows it")
            }
        }
        for definition in SystemFolders.all where values.folders[definition.id.rawValue] == nil {
            problems.append(
                Problem(object: "folder \(definition.name)", damage: "the folder, which every account has, is missing"))
        }
        for (id, found) in folders.sorted(by: { $0.key < $1.key })
        where values.folders[id] == nil && found.messages > 0
            && !SystemFolders.all.contains(where: { $0.id.rawValue == id })
        {
            problems.append(
                Problem(
                    object: "folder \(id)",
                    damage:
                        "the folder is missing, and with it \(found.messages) messages are out of sight; a repair shows them as "
                        + FolderNames.recovered(id)))
        }
        if values.messages != messages || values.bytes != bytes {
            whole(
                "its quota counts \(values.messages) messages with \(values.bytes) bytes, there are \(messages) with \(bytes)"
            )
        }
        let largest = max(maximumID, values.folders.keys.max() ?? 0)
        if values.nextID <= largest { whole("it would give the id \(values.nextID) again: there is \(largest)") }
        if values.change < max(maximumChange, lastLogged) {
            whole("its change number is \(values.change), and there is \(max(maximumChange, lastLogged)) already")
        }
        if values.logFloor > values.change {
            whole("its change log ends before it begins")
        } else if firstLogged > 0, firstLogged <= values.logFloor {
            // Entries of a former epoch are left to age.
            if lastLogged > values.change { whole("its change log goes beyond its last change") }
        }
        if maximumKeywordSet >= Int64(values.keywords.sets.sets.count) {
            whole("keywords of some messages are lost: their set \(maximumKeywordSet) is not known", isReparable: false)
        }
        return problems
    }
}

/// Paths of an account's folders, for people.
struct FolderNames {
    private var rows: [Int64: (parent: Int64?, name: String)] = [:]

    init(_ folders: [(id: Int64, parent: Int64?, name: String)]) {
        for folder in folders { rows[folder.id] = (folder.parent, folder.name) }
    }

    /// Levels separated by `/`; the id, where there is no such folder.
    func path(_ id: Int64) -> String {
        guard let row = rows[id] else { return "\(id), which is missing" }
        var names = [row.name]
        var next = row.parent
        while let parent = next, parent != SystemFolder.top.rawValue, parent != SystemFolder.root.rawValue,
            let above = rows[parent], names.count < 100
        {
            names.append(above.name)
            next = above.parent
        }
        return names.reversed().joined(separator: "/")
    }

    func leadsToRoot(_ id: Int64) -> Bool {
        var seen: Set<Int64> = []
        var next: Int64? = id
        while let current = next, let row = rows[current] {
            guard seen.insert(current).inserted else { return false }
            next = row.parent
        }
        return true
    }

    /// What a folder is called whose own name is lost.
    static func recovered(_ id: Int64) -> String { "Recovered \(id)" }
}

extension WriteBatch {
    /// Makes an account's counters what its rows say, and hangs folders where they can be seen. False if it has gone.
    fileprivate func repair(_ id: AccountID) throws(StoreError) -> Bool {
        let account: AccountState
        do throws(StoreError) {
            account = try self.account(id)
        } catch .notFound {
            return false
        }
        let facts = try AccountFacts(of: id, connection)
        change(account)
        account.values.nextID = max(
            account.values.nextID, facts.maximumID + 1, (account.values.folders.keys.max() ?? 0) + 1)
        account.values.change = max(account.values.change, facts.maximumChange, facts.lastLogged)
        let validities = account.values.folders.values.map(\.values.uidValidity).max() ?? 0
        if account.values.nextValidity <= validities { account.values.nextValidity = validities &+ 1 }
        try makeMissingFolders(facts, account)
        let names = FolderNames(
            account.values.folders.values.map {
                (id: $0.id.rawValue, parent: $0.values.parent?.rawValue, name: $0.values.name)
            })
        for folder in account.values.folders.values {
            change(folder, of: account)
            let found = facts.folders[folder.id.rawValue]
            folder.values.messages = found?.messages ?? 0
            folder.values.unseen = found?.unseen ?? 0
            folder.values.deleted = found?.deleted ?? 0
            folder.values.size = found?.size ?? 0
            folder.values.snapshot = nil
            let next = UInt32(clamping: (found?.maximumUID ?? 0) + 1)
            folder.values.uidNext = max(folder.values.uidNext, next, 1)
            if folder.values.uidValidity == 0 { folder.values.uidValidity = account.takeValidity() }
            folder.values.highestChange = min(folder.values.highestChange, account.values.change)
            folder.values.propertiesChange = min(folder.values.propertiesChange, account.values.change)
            let isHung = folder.values.parent.map { account.values.folders[$0.rawValue] != nil } ?? false
            if folder.id != SystemFolder.root, !isHung || !names.leadsToRoot(folder.id.rawValue) {
                folder.values.parent = SystemFolders.all.first { $0.id == folder.id }?.parent ?? SystemFolder.top
                folder.values.name = account.freeName(folder.values.name, besides: folder.id)
            }
        }
        account.values.messages = facts.messages
        account.values.bytes = facts.bytes
        if account.values.logFloor > account.values.change {
            account.values.logFloor = account.values.change
            try run(.updateLogFloor) { statement in
                statement.bind(account.values.change)
                statement.bind(id.rawValue)
            }
        }
        return true
    }

    private func makeMissingFolders(_ facts: AccountFacts, _ account: AccountState) throws(StoreError) {
        var missing = SystemFolders.all.filter { account.values.folders[$0.id.rawValue] == nil }
        for (id, found) in facts.folders.sorted(by: { $0.key < $1.key })
        where account.values.folders[id] == nil && found.messages > 0
            && !missing.contains(where: { $0.id.rawValue == id })
        {
            missing.append(
                SystemFolders.Definition(
                    id: FolderID(id), parent: SystemFolder.top, name: account.freeName(FolderNames.recovered(id)),
                    kind: .mail, role: nil))
        }
        for definition in missing {
            let isTaken = account.values.folders.values.contains { $0.values.role == definition.role }
            let folder = FolderState(
                definition.id,
                FolderValues(
                    parent: definition.parent, name: definition.name, kind: definition.kind,
                    role: isTaken ? nil : definition.role, isSubscribed: definition.isSubscribed,
                    uidValidity: account.takeValidity(), highestChange: account.values.change,
                    propertiesChange: account.values.change))
            account.values.folders[definition.id.rawValue] = folder
            try sql { connection throws(SQLError) in try folder.insert(account.id, connection) }
            notice(definition.id, of: account)
        }
    }
}

extension AccountState {
    /// `name`, or with a number if a folder below the top has it already.
    func freeName(_ name: String, besides id: FolderID? = nil) -> String {
        let taken = Set(
            values.folders.values.lazy.filter { $0.values.parent == SystemFolder.top && $0.id != id }.map(\.values.name)
        )
        var candidate = name
        var number = 2
        while taken.contains(candidate) {
            candidate = "\(name) \(number)"
            number += 1
        }
        return candidate
    }
}
