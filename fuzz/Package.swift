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
    ]),
]

/// `Product` is a link to the server's own `Sources`; the targets are the same as in the main package.
func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Product/\(name)", swiftSettings: settings)
}

let buffers = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")

let package = Package(
    name: "martlet-fuzz",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    ],
    targets: [
        .systemLibrary(name: "CFuzzer"),
        .target(name: "CBytes", path: "Product/CBytes", cSettings: [.unsafeFlags(["-fsanitize=address"])]),
        .systemLibrary(name: "CIDN2", path: "Product/CIDN2"),
        .systemLibrary(name: "CUnistring", path: "Product/CUnistring"),
        .systemLibrary(name: "CZstd", path: "Product/CZstd"),
        module("Bytes", ["CBytes", buffers]),
        module("MailModel", ["CIDN2", "CUnistring"]),
        module("MessageFormat", ["Bytes", "MailModel", "CBytes", buffers]),
        module("SASLMechanisms", ["Bytes", "MailModel", "CUnistring", buffers, crypto, cryptoExtras]),
        module("SMTPWire", ["Bytes", "MailModel", buffers]),
        module("IMAPWire", ["Bytes", "MailModel", buffers]),
        module("POP3Wire", ["Bytes", "MailModel", buffers]),
        module("ContentStore", ["Bytes", "MailModel", "CZstd", "CBytes", buffers, crypto]),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "Bytes", "MailModel", "MessageFormat", "SASLMechanisms", "SMTPWire", "IMAPWire", "POP3Wire",
                "ContentStore", "CFuzzer", buffers,
            ],
            swiftSettings: settings,
            // gold cannot read the debug information of instrumented code.
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]),
    ],
    swiftLanguageModes: [.v6]
)
