/// A protocol at a door of its own.
package enum ListenerService: String, CaseIterable, Hashable, Sendable {
    case smtp, submission, submissions, imap, imaps, pop3, pop3s, http, https

    /// The port that IANA has registered for it.
    package var standardPort: Int {
        switch self {
        case .smtp: 25
        case .submission: 587
        case .submissions: 465
        case .imap: 143
        case .imaps: 993
        case .pop3: 110
        case .pop3s: 995
        case .http: 80
        case .https: 443
        }
    }

    /// Whether TLS comes first, before anything of the protocol.
    package var isImplicitTLS: Bool {
        switch self {
        case .submissions, .imaps, .pop3s, .https: true
        case .smtp, .submission, .imap, .pop3, .http: false
        }
    }
}

/// One address and port to listen on.
package struct Listener: Hashable, Sendable {
    package var service: ListenerService
    /// An IP address, or `*` for all.
    package var address: String
    /// 0: any free one.
    package var port: Int

    package init(service: ListenerService, address: String, port: Int) {
        self.service = service
        self.address = address
        self.port = port
    }

    /// The addresses to try in turn: `*` is `::`, which takes IPv4 as well, or `0.0.0.0` on a machine without IPv6.
    package var bindCandidates: [String] { address == "*" ? ["::", "0.0.0.0"] : [address] }
}

/// The listeners in their short form: a port for each service, one address for all.
package struct Listen: Hashable, Sendable {
    /// What one `listen.SERVICE` key says.
    package enum Door: Hashable, Sendable {
        case off
        /// At `address`, or at `listen.address` if nil.
        case on(address: String?, port: Int)
    }

    package var address = "*"
    /// A service without an entry is off.
    package var doors: [ListenerService: Door] = Dictionary(
        uniqueKeysWithValues: ListenerService.allCases.map { service in
            // Plain HTTP carries metrics and health only, so it stays inside the machine unless told.
            (service, .on(address: service == .http ? "127.0.0.1" : nil, port: service.standardPort))
        })
    /// The long form, `listeners`; if not empty, it stands instead of the short one.
    package var explicit: [Listener] = []

    package init() {}

    /// Every service at its standard port plus `portOffset` on `address`.
    package init(address: String, portOffset: Int) {
        self.address = address
        doors = Dictionary(
            uniqueKeysWithValues: ListenerService.allCases.map {
                ($0, .on(address: nil, port: $0.standardPort + portOffset))
            })
    }

    /// The short form written out, in the order of ``ListenerService``.
    package var derived: [Listener] {
        ListenerService.allCases.compactMap { service in
            guard case .on(let own, let port) = doors[service] else { return nil }
            return Listener(service: service, address: own ?? address, port: port)
        }
    }
}
