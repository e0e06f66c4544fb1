import IMAPWire
import NIOCore
import SMTPWire

/// Reading commands.
enum WireBenchmarks {
    static var all: [Benchmark] {
        [
            Benchmark("IMAP command, mixed", "ns") { imap(mixed) * 1e9 },
            Benchmark("IMAP `NOOP`", "ns") { imap(["a1 NOOP\r\n"]) * 1e9 },
            Benchmark("SMTP command through the session machine", "ns") { smtp() * 1e9 },
            Benchmark("SMTP content, 10 KB in pieces of 4 KB", "µs") { content() * 1e6 },
        ]
    }

    private static let mixed = [
        "a1 UID FETCH 1:* (FLAGS)\r\n",
        "a2 UID FETCH 4711 (UID BODY.PEEK[HEADER.FIELDS (From To Subject Date)] RFC822.SIZE)\r\n",
        "a3 UID STORE 4711,4712 +FLAGS.SILENT (\\Seen)\r\n", "a4 SEARCH UNSEEN SINCE 1-Nov-2026 FROM \"alice\"\r\n",
        "a5 STATUS \"Archive/2026\" (MESSAGES UNSEEN UIDNEXT)\r\n", "a6 SELECT INBOX (CONDSTORE)\r\n", "a7 NOOP\r\n",
        "a8 LIST \"\" \"*\" RETURN (SPECIAL-USE)\r\n",
    ]

    private static func imap(_ lines: [String]) -> Double {
        let batch = ByteBuffer(string: lines.joined())
        let rounds = 4000
        return Stopwatch.cpu(rounds * lines.count) {
            var parser = IMAPWire.CommandParser()
            for _ in 0..<rounds {
                var input = batch
                var found = 0
                while let event = parser.next(&input) {
                    if case .command = event { found += 1 }
                }
                precondition(found == lines.count, "a command of the benchmark is none")
            }
        }
    }

    private static func smtp() -> Double {
        let batch = ByteBuffer(
            string: "MAIL FROM:<alice@example.test> SIZE=10000 BODY=8BITMIME\r\nRCPT TO:<bob@example.test>\r\n"
                + "RCPT TO:<carol@example.test> NOTIFY=FAILURE\r\nRSET\r\n")
        let rounds = 4000
        return Stopwatch.cpu(rounds * 4) {
            var machine = SMTPWire.SessionMachine(rules: SessionRules(idleLimit: .max))
            var hello = ByteBuffer(string: "EHLO client.example.test\r\n")
            _ = machine.next(from: &hello)
            for _ in 0..<rounds {
                var input = batch
                var found = 0
                while let step = machine.next(from: &input) {
                    guard case .command(let command) = step else { continue }
                    found += 1
                    switch command {
                    case .mail(_, let parameters): machine.mailAccepted(parameters)
                    case .recipient: machine.recipientAccepted()
                    default: break
                    }
                }
                precondition(found == 4, "a command of the benchmark is refused")
            }
        }
    }

    private static func content() -> Double {
        var message = Messages.make(bytes: 10_000)
        message.writeString(".\r\n")
        var pieces: [ByteBuffer] = []
        while let piece = message.readSlice(length: min(4096, message.readableBytes)), piece.readableBytes > 0 {
            pieces.append(piece)
        }
        let rounds = 2000
        return Stopwatch.cpu(rounds) {
            for _ in 0..<rounds {
                var decoder = ContentDecoder(limit: 50 << 20)
                for piece in pieces {
                    var input = piece
                    while let event = decoder.next(from: &input) {
                        if case .piece(let piece) = event { keep(piece.readableBytes) }
                    }
                }
            }
        }
    }
}
