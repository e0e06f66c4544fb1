import ArgumentParser
import Delivery
import Foundation
import MailServer

struct Trace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What happened to a message, from its arrival to each recipient's end.",
        discussion: """
            Lines are oldest first. Without a filter, all that is remembered is shown. Times for --since are RFC 3339
            (2026-11-21T08:00:00Z), a date, or an age such as 90m, 12h or 3d.
            """)
    @Option(
        help: ArgumentHelp("The delivery with this id, as replies to DATA and Received lines show it.", valueName: "ID")
    ) var id: String?
    @Option(name: .customLong("message-id"), help: ArgumentHelp("The message with this Message-ID.", valueName: "ID"))
    var messageID: String?
    @Option(help: ArgumentHelp("From this sender.", valueName: "ADDRESS")) var from: String?
    @Option(help: ArgumentHelp("To this recipient.", valueName: "ADDRESS")) var to: String?
    @Option(help: ArgumentHelp("Not older than this.", valueName: "TIME")) var since: String?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var start: Int64?
        if let since {
            guard let seconds = Self.seconds(since, now: Date()) else {
                throw ValidationError("“\(since)” is no time; write 2026-11-21T08:00:00Z, 2026-11-21, 90m, 12h or 3d.")
            }
            start = seconds
        }
        let selection = AdministrationRequest.TraceSelection(
            delivery: id, messageID: messageID, sender: from, recipient: to, since: start)
        let printer = TextPrinter<TraceListing> { event in
            var line = "\(event.time)  \(event.deliveryId)  \(event.stage): \(event.outcome)"
            if let recipient = event.recipient { line += " for \(recipient)" }
            if let code = event.code { line += " (\(code)\(event.enhanced.map { " " + $0 } ?? ""))" }
            return line + " - " + event.text
        }
        try await node.perform([.trace(selection)], output.json ? JSONPrinter() : printer)
    }

    static func seconds(_ text: String, now: Date) -> Int64? {
        if let unit = text.last, let factor = ["s": 1, "m": 60, "h": 3600, "d": 86_400][String(unit)],
            let count = Int64(text.dropLast()), count >= 0, count < 1_000_000_000
        {
            return Int64(now.timeIntervalSince1970) - count * Int64(factor)
        }
        let style = Date.ISO8601FormatStyle()
        if let date = try? style.parse(text) { return Int64(date.timeIntervalSince1970) }
        if let date = try? style.parse(text + "T00:00:00Z") { return Int64(date.timeIntervalSince1970) }
        return nil
    }
}
