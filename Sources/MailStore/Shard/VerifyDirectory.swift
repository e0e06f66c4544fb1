import MailModel

/// The shard's own counters, and addresses with those who own them.
extension Verification {
    mutating func verifyDirectory() async throws(StoreError) {
        let found = try await shard.readers.read(isOneMoment: true) { connection throws(StoreError) in
            DirectoryCheck(
                next: try connection.rows(.selectShard, { _ in }, { row in (1...6).map { row.integer($0) } }).first
                    ?? [],
                maxima: try connection.rows(.selectMaxima, { _ in }, { row in (0..<6).map { row.integer($0) } }).first
                    ?? [],
                withoutAddress: try connection.rows(.selectAccountsWithoutAddress, { _ in }, { $0.integer(0) }),
                withoutOwner: try connection.rows(.selectAddressesWithoutOwner, { _ in }, { $0.text(0) }),
                withoutDomain: try connection.rows(.selectAddressesWithoutDomain, { _ in }, { $0.text(0) }))
        }
        if zip(found.next, found.maxima).contains(where: { $0 <= $1 }) {
            if repair {
                try await shard.writer.perform { batch throws(StoreError) in batch.raiseCounters(above: found.maxima) }
            }
            add("the index", "it would give ids again that are in use: no mail is affected", isRepaired: repair)
        }
        for domain in found.withoutDomain {
            if repair {
                try await shard.writer.perform { [now = shard.options.now] batch throws(StoreError) in
                    try batch.run(.insertDomain) { statement in
                        statement.bind(domain)
                        statement.bind(TenantID.first.rawValue)
                        statement.bindNull()
                        statement.bind("+")
                        statement.bind(now().rawValue)
                    }
                    batch.tell(.routing)
                }
            }
            add(
                "domain \(domain)", "it has addresses, and the index does not know it: mail for it is refused",
                isRepaired: repair)
        }
        for id in found.withoutAddress {
            let account = AccountID(id)
            let address = try await shard.directory.account(account)?.address.description
            if repair {
                try await shard.writer.perform { batch throws(StoreError) in try batch.restoreAddress(of: account) }
            }
            add(
                "account \(address ?? "\(id)")", "mail to its address is refused: the index has lost who owns it",
                account: account, address: address, isRepaired: repair)
        }
        for address in found.withoutOwner {
            if repair {
                try await shard.writer.perform { batch throws(StoreError) in
                    try batch.run(.deleteAddress) { $0.bind(address) }
                    batch.tell(.routing)
                }
            }
            add("address \(address)", "nobody owns it: it can be given to nobody else", isRepaired: repair)
        }
    }

    private struct DirectoryCheck: Sendable {
        /// Next account, content, queue entry, trace line, credential, audit line.
        let next: [Int64]
        let maxima: [Int64]
        let withoutAddress: [Int64]
        let withoutOwner: [String]
        let withoutDomain: [String]
    }
}

extension WriteBatch {
    fileprivate func raiseCounters(above maxima: [Int64]) {
        let paths: [WritableKeyPath<ShardCounters, Int64>] = [
            \.nextAccount, \.nextContent, \.nextQueue, \.nextTrace, \.nextCredential, \.nextAudit,
        ]
        for (path, maximum) in zip(paths, maxima) { raise(path, above: maximum) }
    }

    fileprivate func restoreAddress(of id: AccountID) throws(StoreError) {
        let record = try account(id).values.record
        try run(.deleteAddress) { $0.bind(record.address.key) }
        try run(.insertAddress) { statement in
            statement.bind(record.address.key)
            statement.bind(record.tenant.rawValue)
            statement.bind(record.address.domain.ascii)
            statement.bind(id.rawValue)
        }
        tell(.routing)
    }
}
