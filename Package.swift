// swift-tools-version:6.2
import PackageDescription

/// Every target is built under the same rules; a warning is an error.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

extension Target {
    /// A target of ours in `Sources/<name>`; `purpose` says in one line what belongs there.
    static func module(_ name: String, _ purpose: String, _ dependencies: [Target.Dependency]) -> Target {
        .target(name: name, dependencies: dependencies, swiftSettings: settings)
    }

    static func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
        .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
    }

    /// A C library from Debian, described by `Sources/<name>/module.modulemap`.
    static func library(_ name: String, _ debianPackage: String) -> Target {
        .systemLibrary(name: name, providers: [.apt([debianPackage])])
    }
}

extension Target.Dependency {
    static let buffers = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
    static let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
    static let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
    static let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
    static let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
    static let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
    static let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
    static let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
    static let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
    static let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
    static let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
    static let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
    static let log = Target.Dependency.product(name: "Logging", package: "swift-log")
    static let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
    static let yaml = Target.Dependency.product(name: "Yams", package: "Yams")
    static let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
    static let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
    static let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
}

let package = Package(
    name: "martlet",
    products: [.executable(name: "martlet", targets: ["martlet"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Level 0: bytes and the vocabulary of mail.
        .target(name: "CBytes"),
        // Checksums for the pages of SQLite.
        .target(name: "CSQLiteVFS", dependencies: ["CBytes"], linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(name: "CProcess"),
        .systemLibrary(name: "CTLS"),
        .library("CIDN2", "libidn2-dev"),
        .library("CUnistring", "libunistring-dev"),
        .library("CZstd", "libzstd-dev"),
        .library("CArgon2", "libargon2-dev"),
        .module("Bytes", "Searching, comparing and coding bytes: the alphabet of every parser.", ["CBytes", .buffers]),
        .module(
            "MailModel", "Ids, flags, addresses and folder roles: the words all layers share.", ["CIDN2", "CUnistring"]),

        // Level 1: pure formats and protocols; no I/O, no clock.
        .module(
            "MessageFormat", "RFC 5322 and MIME: parse, address, decode, summarise, build.",
            ["Bytes", "MailModel", "CBytes", .buffers]),
        .module(
            "SASLMechanisms", "SASL mechanisms as state machines, and SCRAM verifiers.",
            ["Bytes", "MailModel", "CUnistring", .buffers, .crypto, .cryptoExtras]),
        .module(
            "SMTPWire", "SMTP commands and replies, and the session's state machine.", ["Bytes", "MailModel", .buffers]),
        .module(
            "IMAPWire", "IMAP commands and responses, and the session's state machine.",
            ["Bytes", "MailModel", .buffers]),
        .module(
            "POP3Wire", "POP3 commands and replies, and the session's state machine.", ["Bytes", "MailModel", .buffers]),

        // Level 2: services.
        .module(
            "SessionIO",
            "Connections, listeners, TLS, time-outs and limits: a session as an async function on its event loop.",
            ["Bytes", .buffers, .nioPosix, .nioSSL, .nioTLS, .crypto, .log, .metrics]),
        .module(
            "ContentStore", "Message bytes in self-describing, append-only segments.",
            ["Bytes", "MailModel", "CZstd", "CBytes", .buffers, .crypto]),
        .module(
            "MailStore",
            "Accounts' folders and messages, the directory and the queue rows, behind AccountStore and Shard.",
            ["Bytes", "MailModel", "MessageFormat", "ContentStore", .buffers, .log]),
        .module(
            "SQLiteEngine", "The SQL seam of MailStore on SQLite, through GRDB.",
            ["MailStore", "MailModel", "ContentStore", "CSQLiteVFS", .grdb, .sqlite, .log]),
        .module(
            "Accounts", "Who may do what: addresses, credentials, password policy, login limits.",
            ["MailStore", "MailModel", "SASLMechanisms", "Bytes", "CArgon2", .buffers, .log, .crypto, .cryptoExtras]),
        .module(
            "MailQueue", "Mail for other hosts: what waits, for whom, until when.", ["MailStore", "MailModel", .log]),
        .module(
            "Delivery", "The two-phase delivery pipeline: begin, recipients, content, commit.",
            [
                "Accounts", "MailQueue", "MailStore", "ContentStore", "MessageFormat", "MailModel", "Bytes", .buffers,
                .log,
            ]),

        // Level 3: endpoints.
        .module(
            "SMTPEndpoint", "SMTP reception and submission: one file a command.",
            [
                "SMTPWire", "SASLMechanisms", "SessionIO", "Accounts", "Delivery", "MailStore", "MailModel", "Bytes",
                .buffers, .log, .metrics,
            ]),
        .module(
            "IMAPEndpoint", "IMAP: one file a command.",
            [
                "IMAPWire", "SASLMechanisms", "MessageFormat", "SessionIO", "Accounts", "MailStore", "MailModel",
                "Bytes", .buffers, .log, .metrics,
            ]),
        .module(
            "POP3Endpoint", "POP3: one file a command.",
            [
                "POP3Wire", "SASLMechanisms", "MessageFormat", "SessionIO", "Accounts", "MailStore", "MailModel",
                "Bytes", .buffers, .log, .metrics,
            ]),
        .module(
            "HTTPEndpoint", "Metrics and health over HTTP.",
            [
                "SessionIO", .hummingbird, .hummingbirdTLS, .buffers, .nioPosix, .nioHTTP1, .nioSSL, .log, .metrics,
                .lifecycle,
            ]),

        // Level 4: the program.
        .module(
            "MailServer", "Configuration, wiring, lifecycle: the only place that knows everything.",
            [
                "SMTPEndpoint", "IMAPEndpoint", "POP3Endpoint", "HTTPEndpoint", "Delivery", "MailQueue", "Accounts",
                "SQLiteEngine",
                "MailStore", "ContentStore", "SessionIO", "SASLMechanisms", "MessageFormat", "MailModel", "Bytes",
                "CProcess", "CTLS",
                .buffers, .nioPosix, .nioSSL, .x509, .asn1, .crypto, .yaml, .log, .metrics, .lifecycle,
            ]),
        .executableTarget(
            name: "martlet",
            dependencies: [
                "MailServer", "Delivery", "MailQueue", "Accounts", "MessageFormat", "MailModel", .buffers, .arguments,
            ],
            swiftSettings: settings),

        // Tests.
        .tests("AccountsTests", ["Accounts", "SASLMechanisms", "MailStore", "MailModel", "Bytes", .crypto, .log]),
        .tests("MailQueueTests", ["MailQueue", "MailStore", "MailModel"]),
        .tests(
            "DeliveryTests",
            ["Delivery", "Accounts", "MailQueue", "MailStore", "MessageFormat", "MailModel", "Bytes", .buffers, .log]),
        .tests(
            "HTTPEndpointTests",
            [
                "HTTPEndpoint", "SessionIO", .hummingbird, .nioSSL, .buffers, .nioEmbedded, .nioPosix, .log, .metrics,
                .lifecycle,
            ]),
        .tests(
            "MailServerTests",
            [
                "MailServer", "HTTPEndpoint", "SessionIO", .buffers, .nioPosix, .nioSSL, .x509, .asn1, .crypto, .yaml,
                .log, .metrics, .lifecycle,
            ]),
        .tests(
            "POP3EndpointTests",
            [
                "POP3Endpoint", "SASLMechanisms", "SessionIO", "Accounts", "MailStore", "MailModel", "Bytes", .buffers,
                .nioPosix, .nioSSL, .crypto, .log,
            ]),
        .tests("POP3WireTests", ["POP3Wire", "MailModel", "Bytes", .buffers]),
        .tests("SASLMechanismsTests", ["SASLMechanisms", "MailModel", "Bytes", .crypto]),
        .tests(
            "SMTPEndpointTests",
            [
                "SMTPEndpoint", "SMTPWire", "SASLMechanisms", "SessionIO", "Accounts", "Delivery", "MailQueue",
                "MailStore", "MailModel", "Bytes", .buffers, .nioPosix, .nioSSL, .crypto, .log,
            ]),
        .tests("MessageFormatTests", ["MessageFormat", "Bytes", "MailModel", .buffers]),
        .tests("SMTPWireTests", ["SMTPWire", "Bytes", "MailModel", .buffers]),
        .tests("IMAPWireTests", ["IMAPWire", "Bytes", "MailModel", .buffers]),
        .tests(
            "IMAPEndpointTests",
            [
                "IMAPEndpoint", "IMAPWire", "SASLMechanisms", "MessageFormat", "SessionIO", "Accounts", "MailStore",
                "MailModel", "Bytes", .buffers, .nioPosix, .nioSSL, .crypto, .log,
            ], resources: [.copy("Conversations")]),
        .tests("ArchitectureTests", []),
        .tests("BytesTests", ["Bytes", .buffers]),
        .tests("MailModelTests", ["MailModel"]),
        .tests("SessionIOTests", ["SessionIO", .buffers, .nioEmbedded, .nioPosix, .nioSSL, .log]),
        .tests("ContentStoreTests", ["ContentStore"]),
        .tests("MailStoreTests", ["MailStore", "MailModel", "MessageFormat"]),
        .tests(
            "SQLiteEngineTests",
            [
                "SQLiteEngine", "CSQLiteVFS", "MailStore", "ContentStore", "MailModel", "MessageFormat", "Bytes",
                .buffers, .log, .sqlite, .crypto,
            ],
            resources: [.copy("Fixtures")]),
    ],
    swiftLanguageModes: [.v6]
)
