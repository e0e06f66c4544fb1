import Foundation
import MailModel
import MailQueue
import MailStore

/// The objects that administrative commands answer with. Keys are an interface: add, never change (INTERFACE.md).
enum AdministrationView {
    static func json(_ object: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings, numbers and arrays of them cannot fail to encode.
        return (try? encoder.encode(object)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

package struct DomainView: Codable, Sendable {
    package let name: String
    package let asciiName: String
    package let catchAll: String?
    package let subaddressSeparator: String?
    package let created: String

    init(_ record: DomainRecord) {
        name = record.name.unicode
        asciiName = record.name.ascii
        catchAll = record.catchAll?.description
        subaddressSeparator = record.subaddressSeparator.map { String($0) }
        created = RFC3339.text(record.created)
    }
}

package struct AccountView: Codable, Sendable {
    package let id: String
    package let address: String
    package let name: String
    package let enabled: Bool
    package let quota: Int64?
    package var used: Int64?
    package var messages: Int64?
    package let protocols: [String]
    package let networks: [String]
    package let pop3: String
    package let created: String
    package var aliases: [String]?

    init(_ record: AccountRecord) {
        id = String(record.id.rawValue)
        address = record.address.description
        name = record.name
        enabled = record.isEnabled
        quota = record.quota
        protocols = ProtocolNames.names(of: record.protocols)
        networks = record.networks
        pop3 =
            switch record.pop3 {
            case .leaveOnServer: "leave"
            case .deleteAfterDownload: "delete"
            case .expireAfter(let days): String(days)
            }
        created = RFC3339.text(record.created)
    }
}

/// What a removal answers with.
package struct RemovalView: Codable, Sendable {
    package let removed: String

    init(_ removed: String) { self.removed = removed }
}

package struct PurgeView: Codable, Sendable {
    package let items: Int
    package let bytes: Int64

    init(_ report: PurgeReport) {
        items = report.items
        bytes = report.bytes
    }
}

package struct AliasView: Codable, Sendable {
    package let address: String
    package let targets: [String]
    package let group: Bool

    init(_ record: AliasRecord) {
        address = record.address.description
        targets = record.targets.map(\.description)
        group = record.isGroup
    }
}

package struct StatusView: Codable, Sendable {
    /// What only a running server knows.
    struct Running: Sendable {
        let started: Date
        let endpoints: [String: Int]
        let connections: Int
        let sessions: Int
    }

    package let running: Bool
    package let pid: Int32?
    package let version: String
    package let directory: String
    package let started: String?
    /// In seconds.
    package let uptime: Int64?
    package let endpoints: [String: Int]
    package let connections: Int
    package let sessions: Int
    package let domains: Int
    package let queue: Int

    init(directory: String, domains: Int, queue: Int, running: Running?) {
        self.running = running != nil
        pid = running == nil ? nil : getpid()
        version = ProgramVersion.text
        self.directory = directory
        started = running.map { RFC3339.text(Timestamp(seconds: Int64($0.started.timeIntervalSince1970))) }
        uptime = running.map { Int64(Date().timeIntervalSince($0.started)) }
        endpoints = running?.endpoints ?? [:]
        connections = running?.connections ?? 0
        sessions = running?.sessions ?? 0
        self.domains = domains
        self.queue = queue
    }
}

enum ProtocolNames {
    private static let all: [(String, ProtocolSet)] = [
        ("submission", .submission), ("imap", .imap), ("pop3", .pop3), ("http", .http),
    ]

    static func names(of set: ProtocolSet) -> [String] { all.filter { set.contains($0.1) }.map(\.0) }

    /// Nil if one of the names is none.
    static func set(_ names: [String]) -> ProtocolSet? {
        var set: ProtocolSet = []
        for name in names {
            guard let found = all.first(where: { $0.0 == name }) else { return nil }
            set.insert(found.1)
        }
        return set
    }
}
