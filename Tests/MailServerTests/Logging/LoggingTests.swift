import Foundation
import Logging
import MailServer
import Synchronization
import Testing

@Suite struct LoggingTests {
    @Test func aTextLineIsAlignedAndInOrder() throws {
        let line = try #require(
            lines(.text) {
                $0.info(
                    "login",
                    metadata: ["peer": "192.0.2.1", "account": "al ice", "connection": "x-1", "message": "m-7"])
            }.first)
        let pattern =
            /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO     imap       login  connection=x-1 message=m-7 account="al ice" peer=192\.0\.2\.1\n/
        #expect(line.wholeMatch(of: pattern) != nil, "\(line)")
    }

    @Test func theTimeIsUTC() throws {
        let before = Date()
        let line = try #require(lines(.text) { $0.info("x") }.first)
        let written = try Date(
            String(line.prefix(24)), strategy: .iso8601.year().month().day().time(includingFractionalSeconds: true))
        #expect(abs(written.timeIntervalSince(before)) < 60)
    }

    @Test func aJSONLineIsOneObject() throws {
        let line = try #require(
            lines(.json) {
                $0.warning("a \"b\"\n\u{1B}[0m", metadata: ["connection": "x-1", "text": "own", "list": ["a", "b"]])
            }.first)
        #expect(line.hasSuffix("}\n") && line.filter { $0 == "\n" }.count == 1)
        let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        #expect(object["level"] == "warning")
        #expect(object["logger"] == "imap")
        #expect(object["text"] == "a \"b\"\n\u{1B}[0m")
        #expect(object["connection"] == "x-1")
        #expect(object["_text"] == "own")
        #expect(object["time"]?.hasSuffix("Z") == true)
    }

    @Test func nobodyCanForgeALine() throws {
        let line = try #require(
            lines(.text) { $0.info("x\r\n2026 INFO forged", metadata: ["helo": "a\nb\u{1B}[2J"]) }.first)
        #expect(line.unicodeScalars.filter { $0.value < 0x20 }.count == 1)
        #expect(line.contains("x\\r\\n2026 INFO forged") && line.contains("helo=\"a\\nb\\u001b[2J\""))
    }

    @Test func secretsAreNotWritten() {
        let written = lines(.text) {
            $0.error("x", metadata: ["password": "hunter2", "accessToken": "hunter2", "user": "alice"])
        }.joined()
        #expect(!written.contains("hunter2") && written.contains("password=(hidden)") && written.contains("user=alice"))
    }

    @Test func linesAreBounded() throws {
        let long = String(repeating: "ä", count: 100_000)
        let line = try #require(
            lines(.text) { logger in
                logger.info(
                    "\(long)", metadata: Dictionary(uniqueKeysWithValues: (0..<1000).map { ("k\($0)", "\(long)") }))
            }.first)
        #expect(line.utf8.count < 50_000)
    }

    @Test func theLevelIsKept() {
        #expect(lines(.text, level: "warning") { $0.info("x") }.isEmpty)
        #expect(lines(.text, level: "debug") { $0.debug("x") }.count == 1)
    }

    @Test func theJournalGetsPriorityInsteadOfTime() throws {
        let line = try #require(lines(.text, isJournal: true) { $0.error("bad", metadata: ["connection": "c"]) }.first)
        #expect(line == "<3>imap: bad  connection=c\n")
    }

    private func lines(
        _ format: ServerConfiguration.Log.Format, level: String = "info", isJournal: Bool = false,
        _ body: (Logger) -> Void
    ) -> [String] {
        let box = Lines()
        guard
            let configuration = try? ServerConfiguration.read(overrides: [
                "log.format=\(format.rawValue)", "log.level=\(level)",
            ])
        else {
            return []
        }
        body(
            ServerLogging.logger(label: "imap", configuration.log, isJournal: isJournal) { line in
                box.list.withLock { $0.append(line) }
            })
        return box.list.withLock { $0 }
    }

    private final class Lines: Sendable {
        let list = Mutex<[String]>([])
    }
}
