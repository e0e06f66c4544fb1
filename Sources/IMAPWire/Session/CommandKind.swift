/// The commands by name, and the table of what holds for each.
package enum CommandKind: String, Hashable, Sendable, CaseIterable {
    case capability = "CAPABILITY"
    case noop = "NOOP"
    case logout = "LOGOUT"
    case id = "ID"
    case startTLS = "STARTTLS"
    case authenticate = "AUTHENTICATE"
    case login = "LOGIN"
    case enable = "ENABLE"
    case select = "SELECT"
    case examine = "EXAMINE"
    case create = "CREATE"
    case delete = "DELETE"
    case rename = "RENAME"
    case subscribe = "SUBSCRIBE"
    case unsubscribe = "UNSUBSCRIBE"
    case list = "LIST"
    case lsub = "LSUB"
    case namespace = "NAMESPACE"
    case status = "STATUS"
    case getQuota = "GETQUOTA"
    case getQuotaRoot = "GETQUOTAROOT"
    case setQuota = "SETQUOTA"
    case append = "APPEND"
    case idle = "IDLE"
    case check = "CHECK"
    case close = "CLOSE"
    case unselect = "UNSELECT"
    case expunge = "EXPUNGE"
    case uidExpunge = "UID EXPUNGE"
    case search = "SEARCH"
    case uidSearch = "UID SEARCH"
    case fetch = "FETCH"
    case uidFetch = "UID FETCH"
    case store = "STORE"
    case uidStore = "UID STORE"
    case copy = "COPY"
    case uidCopy = "UID COPY"
    case move = "MOVE"
    case uidMove = "UID MOVE"
}

/// The session states (RFC 9051 §3) in which a command is allowed.
package struct SessionStates: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let notAuthenticated = SessionStates(rawValue: 1)
    package static let authenticated = SessionStates(rawValue: 2)
    package static let selected = SessionStates(rawValue: 4)

    package static let any: SessionStates = [.notAuthenticated, .authenticated, .selected]
    package static let afterLogin: SessionStates = [.authenticated, .selected]
}

/// What holds for a command, as data.
package struct CommandRule: Hashable, Sendable {
    package var states: SessionStates
    /// Its arguments or answer speak of messages by sequence number: no EXPUNGE may be sent while it runs
    /// (RFC 9051 §7.5.1), nor may it run beside one that could cause any (RFC 9051 §5.5).
    package var usesSequenceNumbers = false
    /// Needs a mailbox selected for writing.
    package var writes = false
    /// Pipelined bytes behind it must be thrown away or cannot belong to it (RFC 9051 §6.2.1).
    package var endsPipeline = false

    init(_ states: SessionStates, usesSequenceNumbers: Bool = false, writes: Bool = false, endsPipeline: Bool = false) {
        self.states = states
        self.usesSequenceNumbers = usesSequenceNumbers
        self.writes = writes
        self.endsPipeline = endsPipeline
    }
}

extension CommandKind {
    package var rule: CommandRule {
        switch self {
        case .capability, .noop, .logout, .id: CommandRule(.any)
        case .startTLS: CommandRule(.notAuthenticated, endsPipeline: true)
        case .authenticate: CommandRule(.notAuthenticated, endsPipeline: true)
        case .login: CommandRule(.notAuthenticated)
        case .enable, .select, .examine, .create, .delete, .rename, .subscribe, .unsubscribe, .list, .lsub, .namespace,
            .status, .getQuota, .getQuotaRoot, .setQuota, .append:
            CommandRule(.afterLogin)
        case .idle: CommandRule(.afterLogin, endsPipeline: true)
        case .check, .close, .unselect: CommandRule(.selected)
        case .expunge, .uidExpunge: CommandRule(.selected, writes: true)
        // RFC 9051 §7.5.1: FETCH, STORE and SEARCH by sequence number forbid EXPUNGE; their UID forms do not.
        case .search, .fetch: CommandRule(.selected, usesSequenceNumbers: true)
        case .store: CommandRule(.selected, usesSequenceNumbers: true, writes: true)
        case .uidSearch, .uidFetch: CommandRule(.selected)
        case .uidStore: CommandRule(.selected, writes: true)
        case .copy: CommandRule(.selected, usesSequenceNumbers: true)
        case .uidCopy: CommandRule(.selected)
        case .move: CommandRule(.selected, usesSequenceNumbers: true, writes: true)
        case .uidMove: CommandRule(.selected, writes: true)
        }
    }
}

extension Command {
    package var kind: CommandKind {
        switch self {
        case .capability: .capability
        case .noop: .noop
        case .logout: .logout
        case .id: .id
        case .startTLS: .startTLS
        case .authenticate: .authenticate
        case .login: .login
        case .enable: .enable
        case .select(let select): select.isReadOnly ? .examine : .select
        case .create: .create
        case .delete: .delete
        case .rename: .rename
        case .subscribe: .subscribe
        case .unsubscribe: .unsubscribe
        case .list: .list
        case .lsub: .lsub
        case .namespace: .namespace
        case .status: .status
        case .getQuota: .getQuota
        case .getQuotaRoot: .getQuotaRoot
        case .setQuota: .setQuota
        case .idle: .idle
        case .check: .check
        case .close: .close
        case .unselect: .unselect
        case .expunge: .expunge
        case .uidExpunge: .uidExpunge
        case .search(let search): search.isUID ? .uidSearch : .search
        case .fetch(let fetch): fetch.isUID ? .uidFetch : .fetch
        case .store(let store): store.isUID ? .uidStore : .store
        case .copy(let copy): copy.isUID ? .uidCopy : .copy
        case .move(let move): move.isUID ? .uidMove : .move
        }
    }
}
