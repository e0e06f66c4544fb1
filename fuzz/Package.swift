// swift-tools-version:6.2
import PackageDescription

/// Our own code is built for libFuzzer: coverage counters on every edge, the address sanitizer, and the optimiser with
/// debug assertions left in. Dependencies are built plainly.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .unsafeFlags([
        "-sanitize=fuzzer,address", "-assert-config", "Debug", "-enforce-exclusivity=checked", "-parse-as-library",
        "-enable-testing",
    ]),
]

/// `Product` is a link to the server's own `Sources`; the targets are the same as in the main package. With `sources`, only
/// these of the target's files: those that read something, without what they are wired to.
func module(_ name: String, _ dependencies: [Target.Dependency], sources: [String]? = nil) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Product/\(name)", sources: sources, swiftSettings: settings)
}

extension Target.Dependency {
    static let buffers = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
    static let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
    static let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
    static let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
    static let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
    static let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
    static let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
    static let log = Target.Dependency.product(name: "Logging", package: "swift-log")
    static let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
    static let yaml = Target.Dependency.product(name: "Yams", package: "Yams")
}

let package = Package(
    name: "martlet-fuzz",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        .systemLibrary(name: "CFuzzer"),
        .target(name: "CBytes", path: "Product/CBytes", cSettings: [.unsafeFlags(["-fsanitize=address"])]),
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
        module("POP3Wire", ["Bytes", "MailModel", .buffers]),
        module("SessionIO", ["Bytes", .buffers, .nioPosix, .nioSSL, .nioTLS, .crypto, .log, .metrics]),
        module("ContentStore", ["Bytes", "MailModel", "CZstd", "CBytes", .buffers, .crypto]),
        module("MailStore", ["Bytes", "MailModel", "MessageFormat", "ContentStore", .buffers, .log]),
        module(
            "Accounts",
            ["MailStore", "MailModel", "SASLMechanisms", "Bytes", "CArgon2", .buffers, .log, .crypto, .cryptoExtras]),
        module("MailQueue", ["MailStore", "MailModel", .log]),
        module(
            "Delivery",
            [
                "Accounts", "MailQueue", "MailStore", "ContentStore", "MessageFormat", "MailModel", "Bytes", .buffers,
                .log,
            ]),
        module(
            "SMTPEndpoint",
            [
                "SMTPWire", "SASLMechanisms", "SessionIO", "Accounts", "Delivery", "MailStore", "MailModel", "Bytes",
                .buffers, .log, .metrics,
            ]),
        module(
            "IMAPEndpoint",
            [
                "IMAPWire", "SASLMechanisms", "MessageFormat", "SessionIO", "Accounts", "MailStore", "MailModel",
                "Bytes", .buffers, .log, .metrics,
            ]),
        module(
            "POP3Endpoint",
            [
                "POP3Wire", "SASLMechanisms", "MessageFormat", "SessionIO", "Accounts", "MailStore", "MailModel",
                "Bytes", .buffers, .log, .metrics,
            ]),
        module("HTTPEndpoint", [.buffers], sources: ["Server/AddressRange.swift"]),
        module(
            "MailServer", ["HTTPEndpoint", "Accounts", "MailModel", .buffers, .log, .yaml],
            sources: ["Administration/AdministrationRequest.swift", "Configuration", "Logging"]),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "Bytes", "MailModel", "MessageFormat", "SASLMechanisms", "SMTPWire", "IMAPWire", "POP3Wire",
                "ContentStore", "MailStore", "Accounts", "MailQueue", "Delivery", "SessionIO", "SMTPEndpoint",
                "IMAPEndpoint", "POP3Endpoint", "HTTPEndpoint", "MailServer", "CFuzzer", .buffers, .nioEmbedded,
                .crypto, .log,
            ],
            swiftSettings: settings,
            // gold cannot read the debug information of instrumented code.
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]),
    ],
    swiftLanguageModes: [.v6]
)
