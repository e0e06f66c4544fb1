package import HTTPEndpoint
package import Logging

/// What a node needs to know before it starts, as read from `martlet.yaml` and `--set`.
///
/// A value is valid once read; the initial values are the documented defaults. Each member is described in
/// ``ConfigurationReference``. Domains, accounts and policies are not here: they live in the store and change without a restart.
package struct ServerConfiguration: Hashable, Sendable {
    package var server = Server()
    package var listen = Listen()
    package var tls = TLS()
    package var auth = Auth()
    package var password = Password()
    package var smtp = SMTP()
    package var imap = IMAP()
    package var pop3 = POP3()
    package var limits = Limits()
    package var store = Store()
    package var queue = Queue()
    /// The DNS server asked, as `ip:port`; nil: those of the system.
    package var resolver: NumericEndpoint?
    package var log = Log()
    package var http = HTTP()
    package var shutdown = Shutdown()

    package init() {}

    package struct Server: Hashable, Sendable {
        /// Nil: ``ServerConfiguration/hostName`` asks the machine.
        package var name: String?
        package var postmaster: String?
        /// Nil: `RunAs` finds one.
        package var user: String?
        package var coreDumps = false
    }

    package struct TLS: Hashable, Sendable {
        package enum Version: String, CaseIterable, Hashable, Sendable {
            case tls12 = "1.2"
            case tls13 = "1.3"
        }

        /// PEM files; both or neither.
        package var certificate: String?
        package var key: String?
        package var minimumVersion = Version.tls12
        /// Whether SCRAM-SHA-256-PLUS is offered.
        package var channelBinding = true
    }

    package struct Auth: Hashable, Sendable {
        /// Whether passwords may pass without TLS.
        package var plaintext = false
    }

    package struct Password: Hashable, Sendable {
        package var minimumLength = 8
    }

    package struct SMTP: Hashable, Sendable {
        /// Bytes.
        package var maximumSize: Int64 = 50_000_000
        package var maximumRecipients = 1000
        package var maximumHops = 100
        package var timeout = Duration.seconds(5 * 60)
        package var sessionTime = Duration.seconds(30 * 60)
        package var maximumErrors = 20
        package var maximumIdleCommands = 100
        package var messagesPerSession = 0
    }

    package struct IMAP: Hashable, Sendable {
        package var timeout = Duration.seconds(30 * 60)
        /// Bytes.
        package var maximumAppendSize: Int64 = 50_000_000
    }

    package struct POP3: Hashable, Sendable {
        package var timeout = Duration.seconds(10 * 60)
    }

    package struct Limits: Hashable, Sendable {
        package var connections = 20_000
        package var unauthenticatedConnections = 8000
        package var connectionsPerAddress = 100
        /// A minute.
        package var connectionRate = 600
        package var loopback = false
        package var sessionsPerAccount = 64
        package var messagesPerHour = 0
        package var recipientsPerDay = 0
        package var searchesPerAccount = 4
        /// Bytes a second.
        package var minimumRate = 50
        package var rateGrace = Duration.seconds(5 * 60)
        package var handshakeTimeout = Duration.seconds(30)
        /// Bytes.
        package var outputMemory: Int64 = 64_000_000
        /// Bytes.
        package var intakeMemory: Int64 = 64_000_000
        package var loginFailures = 20
        package var loginFailuresPerAccount = 60
        package var loginForgiveness = Duration.seconds(30)
        package var authTimeout = Duration.seconds(60)
    }

    package struct Store: Hashable, Sendable {
        package enum Compression: String, CaseIterable, Hashable, Sendable {
            case zstd, none
        }

        /// Bytes.
        package var segmentSize: Int64 = 64_000_000
        /// Bytes.
        package var minimumFreeSpace: Int64 = 64_000_000
        package var recoverableDays = 14
        package var compression = Compression.zstd
    }

    package struct Queue: Hashable, Sendable {
        /// Waits before each next attempt; the last one repeats. Never empty.
        package var retry: [Duration] = [5 * 60, 15 * 60, 30 * 60, 3600, 2 * 3600, 4 * 3600].map { .seconds($0) }
        package var expire = Duration.seconds(5 * 86400)
        package var delayWarning = Duration.seconds(4 * 3600)
    }

    package struct Log: Hashable, Sendable {
        package enum Format: String, CaseIterable, Hashable, Sendable {
            case text, json
        }

        package var level = Logger.Level.info
        package var format = Format.text
    }

    package struct HTTP: Hashable, Sendable {
        package var metrics = true
        /// Who may read `/metrics`.
        package var allow = AddressRange.loopback
        package var headerTimeout = Duration.seconds(30)
    }

    package struct Shutdown: Hashable, Sendable {
        package var grace = Duration.seconds(30)
    }
}

extension ServerConfiguration {
    /// The name for greetings, `Received` and the certificate: `server.name`, or what the machine calls itself.
    package var hostName: String { server.name ?? SystemHostName.current }

    /// What the server listens on: `listeners` if given, otherwise what `listen.*` says.
    package var listeners: [Listener] { listen.explicit.isEmpty ? listen.derived : listen.explicit }
}
