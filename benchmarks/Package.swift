// swift-tools-version:6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// `Product` is a link to the server's own `Sources`; the targets are the same as in the main package.
func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Product/\(name)", swiftSettings: settings)
}

extension Target.Dependency {
    static let buffers = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
    static let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
    static let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
    static let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
    static let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
    static let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
    static let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
    static let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
    static let log = Target.Dependency.product(name: "Logging", package: "swift-log")
    static let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
}

let package = Package(
    name: "martlet-benchmarks",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .target(name: "CBytes", path: "Product/CBytes"),
        .target(
            name: "CSQLiteVFS", dependencies: ["CBytes"], path: "Product/CSQLiteVFS",
            linkerSettings: [.linkedLibrary("sqlite3")]),
        .systemLibrary(name: "CIDN2", path: "Product/CIDN2"),
        .systemLibrary(name: "CUnistring", path: "Product/CUnistring"),
        .systemLibrary(name: "CZstd", path: "Product/CZstd"),
        .systemLibrary(name: "CArgon2", path: "Product/CArgon2"),
        module("Bytes", ["CBytes", .buffers]),
        module("MailModel", ["CIDN2", "CUnistring"]),
        module("MessageFormat", ["Bytes", "MailModel", "CBytes", .buffers]),
        module("SASLMechanisms", ["Bytes", "MailModel", "CUnistring", .buffers, .crypto, .cryptoExtras]),
        module("SMTPWire", ["Bytes", "MailModel", .buffers]),
        module("IMAPWire", ["Bytes", "MailModel", .buffers]),
        module("SessionIO", ["Bytes", .buffers, .nioPosix, .nioSSL, .nioTLS, .crypto, .log]),
        module("ContentStore", ["Bytes", "MailModel", "CZstd", "CBytes", .buffers, .crypto]),
        module("MailStore", ["Bytes", "MailModel", "MessageFormat", "ContentStore", .buffers, .log]),
        module("SQLiteEngine", ["MailStore", "MailModel", "ContentStore", "CSQLiteVFS", .grdb, .sqlite, .log]),
        module(
            "Accounts",
            ["MailStore", "MailModel", "SASLMechanisms", "Bytes", "CArgon2", .buffers, .log, .crypto, .cryptoExtras]),
        module(
            "IMAPEndpoint",
            [
                "IMAPWire", "SASLMechanisms", "MessageFormat", "SessionIO", "Accounts", "MailStore", "MailModel",
                "Bytes", .buffers, .log,
                .metrics,
            ]),
        .executableTarget(
            name: "bench",
            dependencies: [
                "Bytes", "MailModel", "MessageFormat", "SMTPWire", "IMAPWire", "ContentStore", "MailStore",
                "SQLiteEngine", "IMAPEndpoint", .buffers,
            ],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
