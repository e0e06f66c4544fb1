import ArgumentParser
import Foundation
import MailServer
import MessageFormat
import NIOCore

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Evaluate a message file, without a server.", subcommands: [CheckMIME.self])
}

struct CheckMIME: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mime", abstract: "Show a message's structure: parts, types, offsets, decoded headers and text.")
    @Argument(help: ArgumentHelp("The message; - for standard input.", valueName: "FILE")) var file: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var ignored: EvaluatorOptions

    func run() async throws {
        let bytes = ByteBuffer(bytes: try InputFile.read(file))
        Output.write(output.json ? MIMEReport.json(for: bytes) : MIMEOutline.text(for: bytes))
    }
}

/// What all evaluators take, whether they need it or not.
struct EvaluatorOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The DNS server to ask; not needed here.", valueName: "IP:PORT")) var resolver: String?
    @Option(help: ArgumentHelp("The time to judge by, in seconds since 1970; not needed here.", valueName: "EPOCH"))
    var time: Int64?
}
