import MailModel

/// What a salvage has brought back, and what not.
package struct SalvageReport: Sendable {
    package struct Account: Sendable {
        package let address: String
        package var messages = 0
        package var bytes: Int64 = 0
        /// Taken from the old index; else it comes back without a password.
        package var isKnown = false
        package var hasPassword = false
        package init(address: String) { self.address = address }
    }

    /// By account id.
    package var accounts: [Int64: Account] = [:]
    package var messages = 0
    package var bytes: Int64 = 0
    /// Recipients that wait, held.
    package var queued = 0
    /// Domains that had to be made from the addresses.
    package var domainsMade: [String] = []
    /// Of the old index: what could be taken from it, in words; empty if nothing.
    package var taken: [String] = []
    /// Records that are damaged, and stretches that are none; in words, at most `maximumDamage`.
    package private(set) var damage: [String] = []
    package private(set) var damageCount = 0
    /// Damaged content files, kept under a second name.
    package var keptFiles: [String] = []
    /// Mail of accounts that the old index says were removed; not brought back.
    package var ofRemovedAccounts = 0
    /// Rows of the old index, which keep their later flags and folders.
    package var fromOldIndex = 0
    /// The old index under its new name; nil if there was none.
    package var oldIndex: String?
    package var notes: [String] = []
    package var epoch = AccountEpoch()

    package static let maximumDamage = 1000

    package init() {}

    mutating func damaged(_ text: String) {
        damageCount += 1
        if damage.count < Self.maximumDamage { damage.append(text) }
    }
}
