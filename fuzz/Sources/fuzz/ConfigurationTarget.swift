import Accounts
import HTTPEndpoint
import Logging

@testable import MailServer

/// A configuration file, and behind a line `---` one `--set` a line; each line also as every kind of value.
enum ConfigurationTarget {
    static func run(_ bytes: [UInt8]) {
        let parts = String(decoding: bytes, as: UTF8.self).split(
            separator: "---\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = parts.flatMap { $0.split(separator: "\n") }.map(String.init)
        for line in lines.prefix(50) { value(line) }
        var reader = ConfigurationReader(base: ServerConfiguration())
        do throws(ConfigurationError) {
            try reader.read(yaml: String(parts.first ?? ""), name: "martlet.yaml")
            for line in lines.prefix(50) where parts.count > 1 { try reader.read(override: line) }
            reader.resolvePaths(in: "/etc/")
            let configuration = try reader.finish()
            for key in ConfigurationReference.keys { render(key, configuration) }
        } catch {
            expect(!"\(error)".isEmpty, "no reason for a refusal")
        }
    }

    private static func value(_ text: String) {
        if let duration = DurationText.parse(text) {
            expect(DurationText.parse(DurationText.render(duration)) == duration, "the duration \(text) changes")
        }
        if let size = SizeText.parse(text) {
            expect(SizeText.parse(SizeText.render(size)) == size, "the size \(text) changes")
        }
        if let endpoint = NumericEndpoint(text) {
            expect(NumericEndpoint(endpoint.description) == endpoint, "the endpoint \(text) changes")
        }
        if let range = AddressRange(text) {
            expect(AddressRange(range.description) == range, "the network \(text) changes")
        }
        if let network = NetworkRange(text), let address = PeerAddress(text) {
            expect(network.contains(address), "the network \(text) is without its own address")
        }
    }

    /// What a key was read as can be written and read again.
    private static func render(_ key: ConfigurationKey, _ configuration: ServerConfiguration) {
        let text = key.render(configuration)
        guard !text.isEmpty, key.type != "list of listeners" else { return }
        var again = configuration
        do throws(UnfitValue) {
            try key.assign(&again, ConfigurationInput(content: .scalar(text), place: .override))
        } catch {
            fail("\(key.name) is written as \(text), which must be \(error.expected)")
        }
        expect(again == configuration, "\(key.name) is written as \(text), which means something else")
    }
}

/// A line of the log with a peer's text in every place.
enum LogTarget {
    static func run(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        let line = LogLine(
            level: .info, time: LogTime(millisecondsSinceEpoch: 1_700_000_000_123), label: "imap", message: text,
            metadata: ["session": .string(text), "\(text)": "x"])
        for written in [LogFormat.text(line), LogFormat.text(line, isJournal: true), LogFormat.json(line)] {
            expect(written.utf8.count { $0 == 0x0A } == 1 && written.utf8.last == 0x0A, "a text makes a second line")
            expect(!written.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" }, "a control character is logged")
        }
    }
}
