import Foundation
import Testing

/// Passwords sent in every way that clients know, and in some that only people know, at the most talkative log level: they are
/// nowhere afterwards but where they belong.
@Suite(.serialized) struct SecretsTests {
    private static let user = "alice@example.test"

    private static func random(_ name: String) -> String { "\(name)-Qx7-\(UInt64.random(in: 0...UInt64.max))" }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    /// The text itself, and its base64 wherever in a longer text it may begin.
    private static func forms(_ secret: String) -> [String] {
        [secret]
            + (0..<3).map { offset in
                let coded = base64(String(repeating: "x", count: offset) + secret)
                // The first and last group depend on what stands before and after.
                return String(coded.dropFirst(offset == 0 ? 0 : 4).dropLast(4))
            }
    }

    private static func expect(
        _ text: String, hidesAll secrets: [String], _ place: String, _ location: SourceLocation = #_sourceLocation
    ) {
        for secret in secrets {
            for form in forms(secret) where text.contains(form) {
                let line = text.split(separator: "\n").first { $0.contains(form) } ?? ""
                Issue.record("\(place) shows a password: \(line)", sourceLocation: location)
            }
        }
    }

    @Test func passwordsAreShownNowhere() async throws {
        let folder = NSTemporaryDirectory() + "secrets-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (right, wrong, changed) = (Self.random("right"), Self.random("wrong"), Self.random("changed"))
        let secrets = [right, wrong, changed]
        let doors = ["smtp", "submission", "imap", "pop3", "http"].flatMap { ["--set", "listen.\($0)=0"] }
        let shut = ["submissions", "imaps", "pop3s", "https"].flatMap { ["--set", "listen.\($0)=off"] }
        let demo = try Program(
            [
                "demo", "--json", "--directory", folder, "--password", right, "--plaintext-auth", "--set",
                "log.level=trace",
            ]
                + doors + shut)
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(demo.line().utf8)) as? [String: Any])
        let ports = try #require(report["endpoints"] as? [String: Int])

        var replies = try await Self.submission(ports["submission"], right, wrong)
        replies += try await Self.imap(ports["imap"], right, wrong)
        replies += try await Self.pop3(ports["pop3"], right, wrong)
        replies += try await Self.http(ports["http"], wrong)
        for (index, password) in [changed, "short", wrong].enumerated() {
            let command = index == 2 ? ["account", "add", "new@example.test"] : ["account", "set", Self.user]
            let done = try Program.run(
                command + ["--password-stdin", "--json", "--directory", folder], input: password + "\n")
            #expect(done.status == (password == "short" ? 1 : 0), "\(done.output)")
            replies += done.output
        }
        let trace = try Program.run(["trace", "--json", "--directory", folder]).output
        let environment = demo.about("environ") + demo.about("cmdline")
        demo.finish(signal: SIGTERM)

        #expect(demo.log.contains("authentication failed") && demo.log.contains("DEBUG"))
        Self.expect(demo.log, hidesAll: secrets, "the log")
        Self.expect(replies, hidesAll: secrets, "a reply")
        Self.expect(trace, hidesAll: secrets, "the trace")
        Self.expect(environment, hidesAll: secrets, "the process list")
    }

    /// What a session answers to lines that may each end it: each on a connection of its own.
    private static func submission(_ port: Int?, _ right: String, _ wrong: String) async throws -> String {
        let (good, bad) = (base64("\0\(user)\0\(right)"), base64("\0\(user)\0\(wrong)"))
        return try await talks(
            port, greeting: "220 ", farewell: "QUIT", ends: ["2", "3", "4", "5"],
            [
                ["EHLO c.test", "AUTH PLAIN \(bad)", "AUTH PLAIN", bad, wrong],
                [
                    "EHLO c.test", "AUTH LOGIN", base64(user), base64(wrong), "AUTH LOGIN \(base64(user))",
                    base64(wrong),
                ],
                [
                    "EHLO c.test", "AUTH PLAIN \(wrong)!", "AUTH PLAIN =\(bad)", "AUTH \(wrong)",
                    "AUTH X \(bad) \(wrong)",
                ],
                ["EHLO c.test", wrong, "PASS \(wrong)", "AUTHPLAIN \(bad)", "AUTH PLAIN", "*"],
                [
                    "EHLO c.test", "AUTH SCRAM-SHA-256 \(base64("n,,n=\(user),r=\(wrong)"))",
                    base64("c=biws,r=x,p=\(wrong)"),
                ],
                ["EHLO c.test", "AUTH SCRAM-SHA-256 \(bad)", "MAIL FROM:<\(wrong)@x.test> AUTH=\(wrong)"],
                ["AUTH PLAIN \(bad)", "EHLO c.test", "AUTH PLAIN \(good)", "AUTH PLAIN \(good)"],
            ])
    }

    private static func imap(_ port: Int?, _ right: String, _ wrong: String) async throws -> String {
        let bad = base64("\0\(user)\0\(wrong)")
        return try await talks(
            port, greeting: "* OK", farewell: "z LOGOUT", ends: ["a ", "+ ", "* BAD", "* BYE", "z "],
            [
                ["a LOGIN \(user) \(wrong)", "a LOGIN \(user) {\(wrong.utf8.count)}", wrong],
                ["a LOGIN \(user) \"\(wrong)\" more", "a LOGIN \(wrong)", "a \(wrong)", "a LOGIN {5}", wrong],
                ["a AUTHENTICATE PLAIN \(bad)", "a AUTHENTICATE PLAIN", bad, "a AUTHENTICATE PLAIN", wrong],
                ["a AUTHENTICATE LOGIN", base64(user), base64(wrong), "a AUTHENTICATE \(wrong) \(bad)"],
                ["a AUTHENTICATE PLAIN %\(wrong)", "a SELECT \(wrong)", "a FETCH 1 \(wrong)"],
                ["a LOGIN \(user) {\(right.utf8.count)}", right, "a LOGIN \(user) \(right)"],
            ])
    }

    private static func pop3(_ port: Int?, _ right: String, _ wrong: String) async throws -> String {
        let bad = base64("\0\(user)\0\(wrong)")
        return try await talks(
            port, greeting: "+OK", farewell: "QUIT", ends: ["+", "-ERR"],
            [
                ["USER \(user)", "PASS \(wrong)"], ["PASS \(wrong)", wrong, "APOP \(user) \(wrong)"],
                ["AUTH PLAIN \(bad)"], ["AUTH PLAIN", bad], ["AUTH PLAIN \(wrong)!", "AUTH \(wrong)"],
                ["AUTH LOGIN", base64(user), base64(wrong)], ["USER \(user)", "PASS \(right)"],
            ])
    }

    private static func http(_ port: Int?, _ wrong: String) async throws -> String {
        var answer = ""
        try await LineClient.connected(to: port) { client in
            let headers = "Authorization: Basic \(base64("\(user):\(wrong)"))\r\nCookie: session=\(wrong)\r\n"
            answer = try await client.ask(
                "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(headers)", until: "ok")
        }
        return answer
    }

    private static func talks(
        _ port: Int?, greeting: String, farewell: String, ends: [String], _ talks: [[String]]
    ) async throws -> String {
        var replies = ""
        for lines in talks {
            try await LineClient.connected(to: port) { client in
                replies += try await client.ask(nil, until: greeting)
                for line in lines {
                    // A session that was ended for too many errors answers nothing more.
                    guard let reply = try? await client.ask(line, untilAny: ends), !reply.isEmpty else { return }
                    replies += reply
                }
                replies += (try? await client.ask(farewell, untilAny: ends)) ?? ""
            }
        }
        return replies
    }
}
