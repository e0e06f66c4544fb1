import ArgumentParser
import Foundation
import MailServer

/// Which node a command is about.
struct NodeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The data folder.", discussion: "Default: $MARTLET_DIRECTORY, else /var/lib/martlet.", valueName: "DIR"))
    var directory: String?

    @Option(
        help: ArgumentHelp(
            "The configuration file.", discussion: "Default: martlet.yaml in the data folder, if there is one.",
            valueName: "FILE"))
    var config: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Override a configuration key; repeatable.",
            discussion: "For example --set smtp.maximumSize=100MB. docs/configuration.md lists the keys.",
            valueName: "KEY=VALUE"))
    var overrides: [String] = []

    var folder: String {
        directory ?? ProcessInfo.processInfo.environment["MARTLET_DIRECTORY"] ?? "/var/lib/martlet"
    }

    /// The configuration in force, read and checked.
    func configuration() throws -> ServerConfiguration {
        try NodeConfiguration.load(directory: folder, file: config, overrides: overrides)
    }

    /// Asks the running server or opens the folder; objects and progress are shown by `printer`.
    func perform(_ requests: [AdministrationRequest], _ printer: any Printer) async throws {
        let damage = DamageFlag()
        try await AdministrationClient.perform(requests, directory: folder, configuration: configuration()) { reply in
            switch reply {
            case .object(let json): printer.show(json)
            case .progress(let done, let total): Output.progress(done, of: total)
            case .done(let isDamaged): if isDamaged { damage.isSet = true }
            case .failed: break
            }
        }
        Output.endProgress()
        printer.finish()
        if damage.isSet { throw ExitCode(1) }
    }

    /// `@unchecked Sendable`: set by the one reply closure while the requests run, read after they have ended.
    private final class DamageFlag: @unchecked Sendable {
        var isSet = false
    }
}

struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON: one object, or one object per line for a list.")
    var json = false
}

/// A quota or size as people write it: bytes, or with a unit as in 500MB or 2GiB.
struct ByteCount: ExpressibleByArgument {
    let bytes: Int64

    init?(argument: String) {
        let digits = argument.prefix { $0.isNumber || $0 == "." }
        let unit = argument.dropFirst(digits.count).lowercased()
        let factors: [String: Double] = [
            "": 1, "b": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12,
            "kib": 1024, "mib": 1_048_576, "gib": 1_073_741_824, "tib": 1_099_511_627_776,
        ]
        guard let number = Double(digits), let factor = factors[unit], number * factor < 9e18 else { return nil }
        bytes = Int64(number * factor)
    }
}
