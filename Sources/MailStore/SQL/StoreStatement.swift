/// Every statement the store runs, in one place: a check prepares each on PostgreSQL as well.
package enum StoreStatement: Int, CaseIterable, Sendable {
    // The shard's own row.
    case selectShard, updateShard
    // Accounts as the writer sees them.
    case selectAccountState, updateAccountCounters, selectFolders, selectKeywordSets, selectOrphanSubscriptions
    case insertFolder, updateFolder, deleteFolder, insertKeywordSet, insertOrphanSubscription, deleteOrphanSubscription
    // Messages.
    case insertItem, selectDelivered, selectFolderRows, selectItemsToCopy, copyItem, moveItem, updateItemFlags
    case updateItemReadState, markItemDeleted, selectItemContent, selectSummary, selectIdentity, selectRecoverable
    case selectDeletedItem, undeleteItem, insertChange, insertItemChange, selectChanges, selectChangesOfNumber,
        selectLogFloor
    case selectThread, insertThread, selectFolderChange
    // Content.
    case insertContent, selectContentReferences, addContentReferences, deleteContent, selectContentPage, selectSegments
    case countSegment, deleteSegment, selectActiveSegmentEnd, updateSummary
    case selectObjects, countItemReferences
    // Purge.
    case selectAccountIDs, selectPurgeable, deleteItem, selectOldChange, deleteChanges, updateLogFloor, deleteOldTraces
    // Removal of an account.
    case selectAllItemContent, deleteAllItems, deleteAllFolders, deleteAllKeywordSets, deleteAllChanges,
        deleteAllThreads
    case deleteAllOrphans, deleteAllReadStates, deleteAllRights, deleteAllCredentials, deleteAccount
    // Directory.
    case selectDomains, selectDomain, insertDomain, updateDomain, deleteDomain, selectAddressInDomain
    case selectAccounts, selectAccount, selectAccountByAddress, insertAccount, updateAccount
    case selectAddress, insertAddress, deleteAddress
    case selectAliases, selectAliasesByTarget, selectAlias, selectAliasMembers, insertAlias, insertAliasMember
    case deleteAlias, deleteAliasMembers
    case selectCredentials, insertCredential, deleteCredentialsByLabel
    case selectSetting, upsertSetting, deleteSetting, insertAudit
    // Queue and trace.
    case insertQueue, selectQueue, countQueue, countQueueReferences
    case insertTrace, selectTrace, selectTraceOfDelivery
    // Verify.
    case countFolderRows, sumAccountRows, selectContentOrder, countContentOfSegment, setSegment, sumFolders
    case selectLogRange, selectItemAccount, selectFolderAccount, selectShownItems, selectShownQueue, selectShownContent
    case selectAccountsWithoutAddress, selectAddressesWithoutOwner, selectAddressesWithoutDomain, selectMaxima
    // Salvage.
    case selectItemPlace, selectItemOfUID, selectContentItems, deleteQueueOfContent, holdQueued, insertOldItem
    case selectOldItems, selectPlacedItems, deleteUnusedContent, countAllSegments, selectSettings, selectContentSize
    case selectOldQueue
    // Epochs.
    case selectEpoch, updateEpoch, updateFolderValidity

    package static let all = allCases
    package var name: String { String(describing: self) }

    package var sql: String {
        switch self {
        case .selectShard:
            """
            SELECT format, next_account, next_content, next_queue, next_trace, next_credential, next_audit
            FROM shard WHERE id = 1
            """
        case .updateShard:
            """
            UPDATE shard SET next_account = $1, next_content = $2, next_queue = $3, next_trace = $4, next_credential = $5,
            next_audit = $6 WHERE id = 1
            """

        case .selectAccountState:
            """
            SELECT next_id, change_number, log_floor, next_validity, bytes, messages FROM account WHERE account_id = $1
            """
        case .updateAccountCounters:
            """
            UPDATE account SET next_id = $1, change_number = $2, next_validity = $3, bytes = $4, messages = $5
            WHERE account_id = $6
            """
        case .selectFolders:
            """
            SELECT id, parent_id, name, kind, role, subscribed, uid_validity, uid_next, messages, unseen, deleted, size,
            highest_change, properties_change FROM folder WHERE account_id = $1
            """
        case .selectKeywordSets: "SELECT keywords FROM keyword_set WHERE account_id = $1 ORDER BY number"
        case .selectOrphanSubscriptions: "SELECT path FROM orphan_subscription WHERE account_id = $1"
        case .insertFolder:
            "INSERT INTO folder VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
        case .updateFolder:
            """
            UPDATE folder SET parent_id = $1, name = $2, subscribed = $3, uid_validity = $4, uid_next = $5, messages = $6,
            unseen = $7, deleted = $8, size = $9, highest_change = $10, properties_change = $11
            WHERE account_id = $12 AND id = $13
            """
        case .deleteFolder: "DELETE FROM folder WHERE account_id = $1 AND id = $2"
        case .insertKeywordSet: "INSERT INTO keyword_set VALUES ($1, $2, $3)"
        case .insertOrphanSubscription: "INSERT INTO orphan_subscription VALUES ($1, $2) ON CONFLICT DO NOTHING"
        case .deleteOrphanSubscription: "DELETE FROM orphan_subscription WHERE account_id = $1 AND path = $2"

        case .insertItem:
            """
            INSERT INTO item (account_id, folder_id, uid, id, kind, flags, keyword_set, change_number, read_change, email_id,
            thread_id, authority, associated, received, saved, modified, size, envelope_sender, envelope_recipient,
            delivery_id, content_id)
            VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8, $9, $10, 0, 0, $11, $12, $13, $14, $15, $16, $17, $18)
            ON CONFLICT (account_id, delivery_id, envelope_recipient) WHERE delivery_id IS NOT NULL DO NOTHING
            """
        case .selectDelivered:
            "SELECT id FROM item WHERE account_id = $1 AND delivery_id = $2 AND envelope_recipient = $3"
        case .selectFolderRows:
            """
            SELECT uid, id, flags, keyword_set, change_number, read_change, size, received FROM item
            WHERE account_id = $1 AND folder_id = $2 AND deleted IS NULL AND associated = 0 ORDER BY uid
            """
        case .selectItemsToCopy:
            "SELECT content_id, email_id FROM item WHERE account_id = $1 AND folder_id = $2 AND uid = $3"
        case .copyItem:
            """
            INSERT INTO item (account_id, folder_id, uid, id, kind, flags, keyword_set, change_number, read_change, email_id,
            thread_id, authority, associated, received, saved, modified, size, envelope_sender, envelope_recipient, content_id)
            SELECT account_id, CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), kind, flags, keyword_set,
            CAST($4 AS BIGINT), CAST($5 AS BIGINT), email_id, thread_id, authority, associated, received,
            CAST($6 AS BIGINT), modified, size, envelope_sender, envelope_recipient, content_id
            FROM item WHERE account_id = $7 AND folder_id = $8 AND uid = $9
            """
        case .moveItem:
            """
            UPDATE item SET folder_id = $1, uid = $2, id = $3, change_number = $4, read_change = $5, saved = $6
            WHERE account_id = $7 AND folder_id = $8 AND uid = $9
            """
        case .updateItemFlags:
            """
            UPDATE item SET flags = $1, keyword_set = $2, change_number = $3
            WHERE account_id = $4 AND folder_id = $5 AND uid = $6
            """
        case .updateItemReadState:
            "UPDATE item SET flags = $1, read_change = $2 WHERE account_id = $3 AND folder_id = $4 AND uid = $5"
        case .markItemDeleted:
            "UPDATE item SET deleted = $1, change_number = $2 WHERE account_id = $3 AND folder_id = $4 AND uid = $5"
        case .selectItemContent:
            """
            SELECT c.id, c.segment, c.start, c.length, c.size FROM item i LEFT JOIN content c ON c.id = i.content_id
            WHERE i.account_id = $1 AND i.id = $2
            """
        case .selectSummary:
            """
            SELECT c.summary FROM item i JOIN content c ON c.id = i.content_id WHERE i.account_id = $1 AND i.id = $2
            """
        case .selectIdentity: "SELECT email_id, thread_id, saved, uidl FROM item WHERE account_id = $1 AND id = $2"
        case .selectRecoverable:
            """
            SELECT id, folder_id, size, deleted FROM item WHERE account_id = $1 AND deleted IS NOT NULL
            ORDER BY deleted DESC, id DESC LIMIT $2
            """
        case .selectDeletedItem:
            """
            SELECT folder_id, uid, flags, keyword_set, size, received, email_id FROM item
            WHERE account_id = $1 AND id = $2 AND deleted IS NOT NULL
            """
        case .undeleteItem:
            """
            UPDATE item SET folder_id = $1, uid = $2, id = $3, change_number = $4, read_change = $5, saved = $6, flags = $7,
            deleted = NULL WHERE account_id = $8 AND folder_id = $9 AND uid = $10
            """
        case .insertChange: "INSERT INTO change_log VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        case .insertItemChange:
            """
            INSERT INTO change_log SELECT account_id, CAST($1 AS BIGINT), 1, id, CAST($2 AS BIGINT), folder_id, NULL, uid,
            email_id, CAST($3 AS BIGINT) FROM item WHERE account_id = $4 AND folder_id = $5 AND uid = $6
            """
        case .selectChanges:
            """
            SELECT number, kind, operation, id, folder_id, old_folder_id, uid, email_id FROM change_log
            WHERE account_id = $1 AND number > $2 ORDER BY number, kind, id LIMIT $3
            """
        case .selectChangesOfNumber:
            """
            SELECT number, kind, operation, id, folder_id, old_folder_id, uid, email_id FROM change_log
            WHERE account_id = $1 AND number = $2 ORDER BY number, kind, id
            """
        case .selectLogFloor: "SELECT log_floor FROM account WHERE account_id = $1"
        case .selectThread: "SELECT thread_id FROM thread_key WHERE account_id = $1 AND key = $2"
        case .insertThread: "INSERT INTO thread_key VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"

        case .selectFolderChange:
            "SELECT highest_change FROM folder WHERE account_id = $1 AND id = $2"

        case .insertContent: "INSERT INTO content VALUES ($1, 0, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        case .selectContentReferences: "SELECT refs, segment, length FROM content WHERE id = $1"
        case .addContentReferences: "UPDATE content SET refs = refs + $1 WHERE id = $2"
        case .deleteContent: "DELETE FROM content WHERE id = $1"
        case .selectContentPage:
            """
            SELECT id, segment, start, length, size, refs, summary_version, summary, checksum FROM content
            WHERE id > $1 ORDER BY id LIMIT $2
            """
        case .selectSegments: "SELECT number, records, bytes, length FROM segment"
        case .countSegment:
            """
            INSERT INTO segment VALUES ($1, $2, $3, $4) ON CONFLICT (number)
            DO UPDATE SET records = segment.records + excluded.records, bytes = segment.bytes + excluded.bytes,
            length = CASE WHEN segment.length > excluded.length THEN segment.length ELSE excluded.length END
            """
        case .deleteSegment: "DELETE FROM segment WHERE number = $1"
        case .selectActiveSegmentEnd:
            "SELECT segment, start + length FROM content WHERE segment > 0 ORDER BY id DESC LIMIT 1"
        case .updateSummary: "UPDATE content SET summary_version = $1, summary = $2 WHERE id = $3"
        case .countItemReferences: "SELECT content_id, COUNT(*) FROM item GROUP BY content_id ORDER BY content_id"
        case .selectObjects: "SELECT id FROM content WHERE segment = 0"

        case .selectAccountIDs:
            "SELECT account_id, hold_until FROM account WHERE account_id > $1 ORDER BY account_id LIMIT $2"
        case .selectPurgeable:
            """
            SELECT folder_id, uid, content_id, size FROM item WHERE account_id = $1 AND deleted IS NOT NULL AND deleted <= $2
            ORDER BY deleted LIMIT $3
            """
        case .deleteItem: "DELETE FROM item WHERE account_id = $1 AND folder_id = $2 AND uid = $3"
        case .selectOldChange: "SELECT number, time FROM change_log WHERE account_id = $1 ORDER BY number LIMIT $2"
        case .deleteChanges: "DELETE FROM change_log WHERE account_id = $1 AND number <= $2"
        case .updateLogFloor: "UPDATE account SET log_floor = $1 WHERE account_id = $2"
        case .deleteOldTraces: "DELETE FROM trace WHERE time < $1"

        case .selectAllItemContent: "SELECT content_id, folder_id, uid FROM item WHERE account_id = $1 LIMIT $2"
        case .deleteAllItems: "DELETE FROM item WHERE account_id = $1"
        case .deleteAllFolders: "DELETE FROM folder WHERE account_id = $1"
        case .deleteAllKeywordSets: "DELETE FROM keyword_set WHERE account_id = $1"
        case .deleteAllChanges: "DELETE FROM change_log WHERE account_id = $1"
        case .deleteAllThreads: "DELETE FROM thread_key WHERE account_id = $1"
        case .deleteAllOrphans: "DELETE FROM orphan_subscription WHERE account_id = $1"
        case .deleteAllReadStates: "DELETE FROM read_state WHERE account_id = $1"
        case .deleteAllRights: "DELETE FROM folder_right WHERE account_id = $1"
        case .deleteAllCredentials: "DELETE FROM credential WHERE account_id = $1"
        case .deleteAccount: "DELETE FROM account WHERE account_id = $1"

        case .selectDomains: "SELECT name, tenant_id, catch_all, separator, created FROM domain ORDER BY name"
        case .selectDomain: "SELECT name, tenant_id, catch_all, separator, created FROM domain WHERE name = $1"
        case .insertDomain:
            "INSERT INTO domain (name, tenant_id, catch_all, separator, created) VALUES ($1, $2, $3, $4, $5)"
        case .updateDomain: "UPDATE domain SET catch_all = $1, separator = $2 WHERE name = $3"
        case .deleteDomain: "DELETE FROM domain WHERE name = $1"
        case .selectAddressInDomain: "SELECT address FROM address WHERE domain = $1 LIMIT 1"
        case .selectAccounts:
            """
            SELECT account_id, tenant_id, display, name, quota, enabled, protocols, networks, pop3_policy, created, epoch
            FROM account WHERE address > $1 ORDER BY address LIMIT $2
            """
        case .selectAccount:
            """
            SELECT account_id, tenant_id, display, name, quota, enabled, protocols, networks, pop3_policy, created, epoch
            FROM account WHERE account_id = $1
            """
        case .selectAccountByAddress:
            """
            SELECT account_id, tenant_id, display, name, quota, enabled, protocols, networks, pop3_policy, created, epoch
            FROM account WHERE address = $1
            """
        case .insertAccount:
            """
            INSERT INTO account (account_id, tenant_id, address, display, name, quota, enabled, protocols, networks,
            pop3_policy, created, epoch, next_id, change_number, log_floor, next_validity, bytes, messages)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
            """
        case .updateAccount:
            """
            UPDATE account SET name = $1, quota = $2, enabled = $3, protocols = $4, networks = $5, pop3_policy = $6
            WHERE account_id = $7
            """
        case .selectAddress: "SELECT account_id FROM address WHERE address = $1"
        case .insertAddress: "INSERT INTO address (address, tenant_id, domain, account_id) VALUES ($1, $2, $3, $4)"
        case .deleteAddress: "DELETE FROM address WHERE address = $1"
        case .selectAliases: "SELECT address, tenant_id, display, is_group FROM alias ORDER BY address"
        case .selectAliasesByTarget:
            """
            SELECT a.address, a.tenant_id, a.display, a.is_group FROM alias a
            WHERE EXISTS (SELECT 1 FROM alias_member m WHERE m.address = a.address AND m.target = $1) ORDER BY a.address
            """
        case .selectAlias: "SELECT address, tenant_id, display, is_group FROM alias WHERE address = $1"
        case .selectAliasMembers: "SELECT display FROM alias_member WHERE address = $1 ORDER BY ordinal"
        case .insertAlias: "INSERT INTO alias (address, tenant_id, display, is_group) VALUES ($1, $2, $3, $4)"
        case .insertAliasMember:
            "INSERT INTO alias_member (address, ordinal, tenant_id, target, display) VALUES ($1, $2, $3, $4, $5)"
        case .deleteAlias: "DELETE FROM alias WHERE address = $1"
        case .deleteAliasMembers: "DELETE FROM alias_member WHERE address = $1"
        case .selectCredentials:
            "SELECT id, kind, verifier, label, scope, expires FROM credential WHERE account_id = $1 ORDER BY id"
        case .insertCredential: "INSERT INTO credential VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        case .deleteCredentialsByLabel: "DELETE FROM credential WHERE account_id = $1 AND label = $2"
        case .selectSetting: "SELECT value FROM setting WHERE tenant_id = $1 AND name = $2"
        case .upsertSetting:
            """
            INSERT INTO setting (tenant_id, name, value) VALUES ($1, $2, $3)
            ON CONFLICT (tenant_id, name) DO UPDATE SET value = excluded.value
            """
        case .deleteSetting: "DELETE FROM setting WHERE tenant_id = $1 AND name = $2"
        case .insertAudit: "INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7)"

        case .insertQueue:
            """
            INSERT INTO queue (id, tenant_id, delivery_id, message_id, sender, recipient, domain, state, attempts, next,
            expires, content_id, size, skip, notify, original_recipient, envelope_id, return_content, smtputf8, body_type,
            received) VALUES ($1, 1, $2, $3, $4, $5, $6, 'ready', 0, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
            ON CONFLICT DO NOTHING
            """
        case .selectQueue:
            """
            SELECT id, delivery_id, message_id, sender, recipient, domain, state, attempts, next, expires, last_reply, size
            FROM queue WHERE id > $1 ORDER BY id LIMIT $2
            """
        case .countQueue: "SELECT COUNT(*) FROM queue"
        case .countQueueReferences: "SELECT content_id, COUNT(*) FROM queue GROUP BY content_id ORDER BY content_id"
        case .insertTrace: "INSERT INTO trace VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        case .selectTrace:
            """
            SELECT time, delivery_id, stage, sender, recipient, message_id, outcome, code, enhanced, remote, text, id
            FROM trace WHERE (delivery_id, id) > ($1, $2) ORDER BY delivery_id, id LIMIT $3
            """
        case .selectTraceOfDelivery:
            """
            SELECT time, delivery_id, stage, sender, recipient, message_id, outcome, code, enhanced, remote, text, id
            FROM trace WHERE delivery_id = $1 ORDER BY id LIMIT $2
            """

        case .countFolderRows:
            """
            SELECT COUNT(*), COALESCE(SUM(CASE WHEN flags & 1 = 0 THEN 1 ELSE 0 END), 0),
            COALESCE(SUM(CASE WHEN flags & 8 <> 0 THEN 1 ELSE 0 END), 0), COALESCE(SUM(size), 0) FROM item
            WHERE account_id = $1 AND folder_id = $2 AND deleted IS NULL AND associated = 0
            """
        case .selectContentOrder: "SELECT id, refs, segment, start, length FROM content ORDER BY id"
        case .countContentOfSegment:
            """
            SELECT COUNT(*), COALESCE(SUM(length), 0), COALESCE(MAX(start + length), 0) FROM content WHERE segment = $1
            """
        case .setSegment:
            """
            INSERT INTO segment VALUES ($1, $2, $3, $4) ON CONFLICT (number)
            DO UPDATE SET records = excluded.records, bytes = excluded.bytes,
            length = CASE WHEN segment.length > excluded.length THEN segment.length ELSE excluded.length END
            """
        case .sumFolders:
            """
            SELECT folder_id, SUM(CASE WHEN deleted IS NULL AND associated = 0 THEN 1 ELSE 0 END),
            SUM(CASE WHEN deleted IS NULL AND associated = 0 AND flags & 1 = 0 THEN 1 ELSE 0 END),
            SUM(CASE WHEN deleted IS NULL AND associated = 0 AND flags & 8 <> 0 THEN 1 ELSE 0 END),
            SUM(CASE WHEN deleted IS NULL AND associated = 0 THEN size ELSE 0 END),
            MAX(uid), MAX(id), MAX(change_number), MAX(read_change), MAX(keyword_set)
            FROM item WHERE account_id = $1 GROUP BY folder_id ORDER BY folder_id
            """
        case .selectLogRange:
            "SELECT COALESCE(MIN(number), 0), COALESCE(MAX(number), 0) FROM change_log WHERE account_id = $1"
        case .selectItemAccount: "SELECT MIN(account_id) FROM item WHERE account_id > $1"
        case .selectFolderAccount: "SELECT MIN(account_id) FROM folder WHERE account_id > $1"
        case .selectShownItems: "SELECT content_id, account_id, folder_id, uid, id, received, deleted FROM item"
        case .selectShownQueue: "SELECT content_id, sender, recipient, received FROM queue"
        case .selectShownContent: "SELECT summary FROM content WHERE id = $1"
        case .selectAccountsWithoutAddress:
            """
            SELECT account_id FROM account a
            WHERE NOT EXISTS (SELECT 1 FROM address d WHERE d.address = a.address AND d.account_id = a.account_id)
            """
        case .selectAddressesWithoutOwner:
            """
            SELECT address FROM address d
            WHERE NOT EXISTS (SELECT 1 FROM account a WHERE a.account_id = d.account_id)
            AND NOT EXISTS (SELECT 1 FROM alias l WHERE l.address = d.address)
            """
        case .selectAddressesWithoutDomain:
            "SELECT DISTINCT domain FROM address d WHERE NOT EXISTS (SELECT 1 FROM domain m WHERE m.name = d.domain)"
        case .selectMaxima:
            """
            SELECT (SELECT COALESCE(MAX(account_id), 0) FROM account), (SELECT COALESCE(MAX(id), 0) FROM content),
            (SELECT COALESCE(MAX(id), 0) FROM queue), (SELECT COALESCE(MAX(id), 0) FROM trace),
            (SELECT COALESCE(MAX(id), 0) FROM credential), (SELECT COALESCE(MAX(id), 0) FROM audit)
            """
        case .sumAccountRows:
            "SELECT COUNT(*), COALESCE(SUM(size), 0) FROM item WHERE account_id = $1 AND deleted IS NULL AND associated = 0"

        case .selectItemPlace:
            "SELECT folder_id, uid, content_id, size, flags FROM item WHERE account_id = $1 AND id = $2"
        case .selectItemOfUID: "SELECT id FROM item WHERE account_id = $1 AND folder_id = $2 AND uid = $3"
        case .selectContentItems: "SELECT account_id, id FROM item WHERE content_id = $1"
        case .deleteQueueOfContent: "DELETE FROM queue WHERE content_id = $1"
        case .holdQueued: "UPDATE queue SET state = 'held' WHERE id = $1"
        case .insertOldItem:
            """
            INSERT INTO item (account_id, folder_id, uid, id, kind, flags, keyword_set, change_number, read_change, email_id,
            thread_id, authority, associated, received, saved, modified, size, envelope_sender, envelope_recipient,
            delivery_id, uidl, content_id, deleted)
            VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8, $9, $10, 0, 0, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
            ON CONFLICT DO NOTHING
            """
        case .selectOldItems:
            """
            SELECT folder_id, uid, id, flags, keyword_set, email_id, thread_id, received, saved, modified, size,
            envelope_sender, envelope_recipient, delivery_id, uidl, content_id, deleted FROM item
            WHERE account_id = $1 AND (folder_id, uid) > ($2, $3) ORDER BY folder_id, uid LIMIT $4
            """
        case .selectPlacedItems:
            """
            SELECT folder_id, uid, id, content_id FROM item WHERE account_id = $1 AND (folder_id, uid) > ($2, $3)
            ORDER BY folder_id, uid LIMIT $4
            """
        case .deleteUnusedContent: "DELETE FROM content WHERE refs <= 0"
        case .countAllSegments:
            """
            INSERT INTO segment SELECT segment, COUNT(*), SUM(length), MAX(start + length) FROM content
            WHERE segment > 0 GROUP BY segment
            """
        case .selectSettings: "SELECT tenant_id, name, value FROM setting"
        case .selectContentSize: "SELECT size FROM content WHERE id = $1"
        case .selectOldQueue:
            """
            SELECT id, content_id, delivery_id, message_id, sender, recipient, expires, received FROM queue
            WHERE id > $1 ORDER BY id LIMIT $2
            """

        case .selectEpoch: "SELECT COALESCE(MAX(epoch), 1), COALESCE(MAX(next_validity), 0) FROM account"
        case .updateEpoch:
            "UPDATE account SET epoch = $1, next_validity = $2, log_floor = change_number WHERE account_id = $3"
        case .updateFolderValidity: "UPDATE folder SET uid_validity = $1 WHERE account_id = $2 AND id = $3"
        }
    }
}
