import Accounts
import Delivery
import MailModel
import MailQueue
import MailStore
import NIOCore
import SMTPEndpoint
import SessionIO

/// Whole SMTP sessions: reception, submission and submissions, with a store behind them.
enum SMTPSessionTarget: SessionProtocol {
    static func run(_ bytes: [UInt8]) { SessionRun<Self>.run(bytes) }

    static func host(variant: Int) async throws(StoreError) -> SessionHost {
        try await SessionHost(messages: 0, quota: variant == 3 ? 600 : nil)
    }

    static func isEncrypted(variant: Int) -> Bool { variant == 2 }

    static func service(variant: Int, _ host: SessionHost) -> SessionServer.Service {
        guard let name = DomainName("mx.example.test") else { fail("test data") }
        let delivery = DeliveryService(
            shard: host.shard, addressBook: AddressBook(directory: host.shard.directory),
            queue: MailQueue(store: host.shard.queue),
            settings: DeliverySettings(
                hostName: name, maximumSize: 20_000, maximumRecipients: 5, maximumHeader: 2000, maximumHops: 5),
            log: SessionHost.quiet, now: { SessionHost.time })
        var settings = SMTPSettings(hostname: "mx.example.test")
        settings.messageLimit = 20_000
        settings.recipientLimit = 5
        settings.allowsPlaintextAuthentication = true
        settings.demandsTLS = variant == 4
        let service = SMTPService(
            variant == 1 || variant == 4 ? .submission : variant == 2 ? .submissions : .reception, settings: settings,
            delivery: delivery, authenticator: host.authenticator, tls: nil)
        return service.listener()
    }

    static func probe(_ number: Int) -> [UInt8] { Array("\r\n.\r\nNOOP\r\n".utf8) }

    static func isAnswer(_ heard: ByteBuffer, to number: Int) -> Bool { heard.readableBytes > 0 }

    static func filler(after said: [UInt8]) -> Int? { said.hasNumber(of: 5) ? nil : 20_000 }

    static func check(_ peer: SessionPeer, _ host: SessionHost) {
        var lines = Lines(peer.heard)
        var replies = 0
        var accepted = 0
        while let first = lines.next() {
            replies += 1
            check(first)
            accepted += first.starts(with: "250 2.0.0 Accepted as ".utf8) ? 1 : 0
            var line = first
            while line.dropFirst(3).first == 0x2D {
                guard let next = lines.next() else { break }
                check(next)
                expect(next.prefix(3) == first.prefix(3), "a reply changes its code: \(text(next))")
                line = next
            }
        }
        expect(lines.isAtEnd || peer.mayMissSomething, "a reply is not ended")
        // The greeting, one for each line, and a goodbye.
        expect(
            replies <= 2 + peer.said.lineCount + peer.said.count / 512,
            "\(replies) replies to \(peer.said.lineCount) lines")
        stored(accepted, host)
    }

    private static func check(_ line: ArraySlice<UInt8>) {
        let code = Array(line.prefix(3))
        let isCode =
            code.count == 3 && (0x32...0x35).contains(code[0]) && (0x30...0x35).contains(code[1])
            && (0x30...0x39).contains(code[2])
        expect(isCode, "no reply code: \(text(line))")
        let separator = line.dropFirst(3).first
        expect(separator == 0x20 || separator == 0x2D, "no space after the code: \(text(line))")
        expect(line.count <= 510 || code == Array("334".utf8), "a reply of \(line.count) octets")
        expect(line.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a control character in a reply: \(text(line))")
        let words = line.dropFirst(4).split(separator: 0x20, maxSplits: 1)
        if let status = words.first?.split(separator: 0x2E, omittingEmptySubsequences: false), status.count == 3,
            status.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } })
        {
            expect(status[0].elementsEqual(code.prefix(1)), "code and enhanced status differ: \(text(line))")
        }
    }

    /// What was accepted must be somewhere.
    private static func stored(_ accepted: Int, _ host: SessionHost) {
        guard accepted > 0 else { return }
        let found = SerialTasks.wait { () async throws(StoreError) in
            var found = 0
            for record in try await host.shard.directory.accounts(after: nil, limit: 10) {
                found += try await host.shard.account(record.id).folders().reduce(0) { $0 + $1.messages }
            }
            return found + (try await host.shard.queue.list(QueueFilter(), after: nil, limit: 1000).count)
        }
        expect(found >= accepted, "\(accepted) messages were accepted, \(found) are there")
    }
}
