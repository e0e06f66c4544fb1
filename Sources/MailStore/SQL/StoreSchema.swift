/// The tables. Statements are the same on every engine, definitions differ in types and storage.
///
/// Whatever belongs to an account has `account_id` first in its primary key. Times are microseconds since 1970.
package enum StoreSchema {
    package static func definitions(_ dialect: SQLDialect) -> [String] {
        let integer = dialect == .sqlite ? "INTEGER" : "BIGINT"
        let blob = dialect == .sqlite ? "BLOB" : "BYTEA"
        // Rows of an account lie together: its key is the table.
        let clustered = dialect == .sqlite ? "STRICT, WITHOUT ROWID" : ""
        let plain = dialect == .sqlite ? "STRICT" : ""
        return text.split(separator: ";").map { definition in
            definition.trimmingLineEnds()
                .replacing("{int}", with: integer)
                .replacing("{blob}", with: blob)
                .replacing("{clustered}", with: clustered)
                .replacing("{plain}", with: plain)
                .replacing("{format}", with: String(StoreFormat.current.stored))
        }.filter { !$0.isEmpty }
    }

    private static let text = """
        CREATE TABLE shard (
            id {int} NOT NULL PRIMARY KEY, format {int} NOT NULL, next_account {int} NOT NULL, next_content {int} NOT NULL,
            next_queue {int} NOT NULL, next_trace {int} NOT NULL, next_credential {int} NOT NULL, next_audit {int} NOT NULL
        ) {plain};
        INSERT INTO shard VALUES (1, {format}, 1, 1, 1, 1, 1, 1);
        CREATE TABLE format_history (
            ordinal {int} NOT NULL PRIMARY KEY, format {int} NOT NULL, program TEXT NOT NULL, time {int} NOT NULL
        ) {plain};

        CREATE TABLE tenant (tenant_id {int} NOT NULL PRIMARY KEY, name TEXT NOT NULL, created {int} NOT NULL) {plain};
        INSERT INTO tenant VALUES (1, 'default', 0);
        CREATE TABLE domain (
            name TEXT NOT NULL PRIMARY KEY, tenant_id {int} NOT NULL, catch_all TEXT, separator TEXT, created {int} NOT NULL
        ) {clustered};
        CREATE TABLE account (
            account_id {int} NOT NULL PRIMARY KEY, tenant_id {int} NOT NULL, address TEXT NOT NULL UNIQUE,
            display TEXT NOT NULL, name TEXT NOT NULL, quota {int}, enabled {int} NOT NULL, protocols {int} NOT NULL,
            networks TEXT NOT NULL, pop3_policy {int} NOT NULL, created {int} NOT NULL, epoch {int} NOT NULL,
            hold_until {int}, next_id {int} NOT NULL, change_number {int} NOT NULL, log_floor {int} NOT NULL,
            next_validity {int} NOT NULL, bytes {int} NOT NULL, messages {int} NOT NULL
        ) {plain};
        CREATE TABLE address (
            address TEXT NOT NULL PRIMARY KEY, tenant_id {int} NOT NULL, domain TEXT NOT NULL, account_id {int}
        ) {clustered};
        CREATE INDEX address_domain ON address (domain);
        CREATE TABLE alias (
            address TEXT NOT NULL PRIMARY KEY, tenant_id {int} NOT NULL, display TEXT NOT NULL, is_group {int} NOT NULL
        ) {clustered};
        CREATE TABLE alias_member (
            address TEXT NOT NULL, ordinal {int} NOT NULL, tenant_id {int} NOT NULL, target TEXT NOT NULL,
            display TEXT NOT NULL, PRIMARY KEY (address, ordinal)
        ) {clustered};
        CREATE INDEX alias_member_target ON alias_member (target);
        CREATE TABLE credential (
            account_id {int} NOT NULL, id {int} NOT NULL, tenant_id {int} NOT NULL, kind {int} NOT NULL,
            verifier TEXT NOT NULL, label TEXT NOT NULL, scope {int} NOT NULL, expires {int}, created {int} NOT NULL,
            PRIMARY KEY (account_id, id)
        ) {clustered};
        CREATE TABLE setting (
            tenant_id {int} NOT NULL, name TEXT NOT NULL, value {blob} NOT NULL, PRIMARY KEY (tenant_id, name)
        ) {clustered};
        CREATE TABLE audit (
            id {int} NOT NULL PRIMARY KEY, time {int} NOT NULL, actor TEXT NOT NULL, tenant_id {int}, account_id {int},
            action TEXT NOT NULL, object TEXT NOT NULL
        ) {plain};

        CREATE TABLE folder (
            account_id {int} NOT NULL, id {int} NOT NULL, parent_id {int}, name TEXT NOT NULL, kind {int} NOT NULL,
            role TEXT, subscribed {int} NOT NULL, uid_validity {int} NOT NULL, uid_next {int} NOT NULL,
            messages {int} NOT NULL, unseen {int} NOT NULL, deleted {int} NOT NULL, size {int} NOT NULL,
            highest_change {int} NOT NULL, properties_change {int} NOT NULL, PRIMARY KEY (account_id, id)
        ) {clustered};
        CREATE TABLE folder_right (
            account_id {int} NOT NULL, folder_id {int} NOT NULL, principal TEXT NOT NULL, rights {int} NOT NULL,
            PRIMARY KEY (account_id, folder_id, principal)
        ) {clustered};
        CREATE TABLE orphan_subscription (
            account_id {int} NOT NULL, path TEXT NOT NULL, PRIMARY KEY (account_id, path)
        ) {clustered};
        CREATE TABLE keyword_set (
            account_id {int} NOT NULL, number {int} NOT NULL, keywords TEXT NOT NULL, PRIMARY KEY (account_id, number)
        ) {clustered};
        CREATE TABLE item (
            account_id {int} NOT NULL, folder_id {int} NOT NULL, uid {int} NOT NULL, id {int} NOT NULL,
            kind {int} NOT NULL, flags {int} NOT NULL, keyword_set {int} NOT NULL, change_number {int} NOT NULL,
            read_change {int} NOT NULL, email_id {int} NOT NULL, thread_id {int} NOT NULL, authority {int} NOT NULL,
            associated {int} NOT NULL, parent_item {int}, received {int} NOT NULL, saved {int} NOT NULL,
            modified {int} NOT NULL, size {int} NOT NULL, envelope_sender TEXT, envelope_recipient TEXT, delivery_id TEXT,
            uidl TEXT, content_id {int} NOT NULL, deleted {int}, PRIMARY KEY (account_id, folder_id, uid)
        ) {clustered};
        CREATE UNIQUE INDEX item_id ON item (account_id, id);
        CREATE UNIQUE INDEX item_delivery ON item (account_id, delivery_id, envelope_recipient) WHERE delivery_id IS NOT NULL;
        CREATE INDEX item_deleted ON item (account_id, deleted) WHERE deleted IS NOT NULL;
        CREATE TABLE read_state (
            account_id {int} NOT NULL, item_id {int} NOT NULL, user_id {int} NOT NULL, seen {int} NOT NULL,
            change_number {int} NOT NULL, PRIMARY KEY (account_id, item_id, user_id)
        ) {clustered};
        CREATE TABLE change_log (
            account_id {int} NOT NULL, number {int} NOT NULL, kind {int} NOT NULL, id {int} NOT NULL,
            operation {int} NOT NULL, folder_id {int}, old_folder_id {int}, uid {int}, email_id {int}, time {int} NOT NULL,
            PRIMARY KEY (account_id, number, kind, id)
        ) {clustered};
        CREATE TABLE thread_key (
            account_id {int} NOT NULL, key {int} NOT NULL, thread_id {int} NOT NULL, PRIMARY KEY (account_id, key)
        ) {clustered};

        CREATE TABLE content (
            id {int} NOT NULL PRIMARY KEY, writer {int} NOT NULL, segment {int} NOT NULL, start {int} NOT NULL,
            length {int} NOT NULL, codec {int} NOT NULL, size {int} NOT NULL, refs {int} NOT NULL,
            summary_version {int} NOT NULL, summary {blob} NOT NULL, checksum {int}
        ) {plain};
        CREATE TABLE segment (
            number {int} NOT NULL PRIMARY KEY, records {int} NOT NULL, bytes {int} NOT NULL,
            length {int} NOT NULL DEFAULT 0
        ) {plain};
        CREATE TABLE queue (
            id {int} NOT NULL PRIMARY KEY, tenant_id {int} NOT NULL, delivery_id TEXT NOT NULL, message_id TEXT,
            sender TEXT NOT NULL, recipient TEXT NOT NULL, domain TEXT NOT NULL, state TEXT NOT NULL, attempts {int} NOT NULL,
            next {int} NOT NULL, expires {int} NOT NULL, last_reply TEXT, content_id {int} NOT NULL, size {int} NOT NULL,
            skip {int} NOT NULL, notify TEXT, original_recipient TEXT, envelope_id TEXT, return_content TEXT,
            smtputf8 {int} NOT NULL, body_type TEXT, received {int} NOT NULL, UNIQUE (delivery_id, recipient)
        ) {plain};
        CREATE TABLE trace (
            delivery_id TEXT NOT NULL, id {int} NOT NULL, time {int} NOT NULL, stage TEXT NOT NULL, sender TEXT,
            recipient TEXT, message_id TEXT, outcome TEXT NOT NULL, code {int}, enhanced TEXT, remote TEXT, text TEXT NOT NULL,
            PRIMARY KEY (delivery_id, id)
        ) {clustered};
        """
}

extension StringProtocol {
    fileprivate func trimmingLineEnds() -> String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }
}

extension String {
    fileprivate func replacing(_ placeholder: String, with text: String) -> String {
        split(separator: placeholder, omittingEmptySubsequences: false).joined(separator: text)
    }
}
