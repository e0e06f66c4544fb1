import NIOCore
import POP3Wire

/// A client's side of a session, at once and in pieces.
enum POP3Target {
    static func run(_ bytes: [UInt8]) {
        let whole = transcript([ByteBuffer(bytes: bytes)])
        expect(transcript(Pieces.cut(bytes)) == whole, "in pieces, a session goes another way")
    }

    private static func transcript(_ pieces: [ByteBuffer]) -> [POP3Action] {
        var capabilities = POP3Capabilities()
        capabilities.offersTLS = true
        capabilities.offersUser = true
        capabilities.mechanisms = ["PLAIN", "SCRAM-SHA-256"]
        let offered = capabilities
        var machine = POP3Machine(capabilities: offered)
        var actions: [POP3Action] = []
        var answers = 0
        feed(pieces) { input in
            let action = machine.next(from: &input)
            actions.append(action)
            switch action {
            case .needInput:
                actions.removeLast()
                return false
            case .reply(let reply), .abandonExchange(let reply), .close(let reply): check(reply)
            case .capabilities:
                var output = ByteBuffer()
                machine.capabilities.write(into: &output)
            case .list(let listing): write(listing, &machine)
            case .uniqueID(let index): _ = machine.maildrop.isDeleted(index)
            case .retrieve(let index, let lines): retrieve(index, lines, &machine)
            case .login(let user, _):
                if user.utf8.count % 4 == 3 {
                    _ = machine.loginFailed()
                } else {
                    machine.loggedIn(POP3Maildrop(sizes: [100, 20, 0], ids: [7, 8, 9]), expiry: .days(3))
                }
            case .authenticate, .response:
                answers += 1
                if answers % 3 != 0 { machine.awaitResponse() } else { _ = machine.loginFailed() }
            case .startTLS(let reply):
                check(reply)
                machine.tlsStarted(offered)
            case .mechanisms, .update: break
            }
            return true
        }
        return actions
    }

    private static func check(_ reply: POP3Reply) {
        var output = ByteBuffer()
        reply.write(into: &output)
        expect(output.readableBytesView.count { $0 == 0x0A } == 1, "a client's bytes break a reply's line")
    }

    private static func write(_ listing: POP3Listing, _ machine: inout POP3Machine) {
        var listing = listing
        for _ in 0..<100 {
            var output = ByteBuffer()
            switch listing.write(machine.maildrop, into: &output, limit: 10) {
            case .finished: return
            case .full: continue
            case .needsUniqueIDs(let range): machine.resolve(range, uniqueIDs: range.map { $0 == 1 ? "other" : nil })
            }
        }
        fail("a listing does not end")
    }

    private static func retrieve(_ index: Int, _ lines: Int?, _ machine: inout POP3Machine) {
        guard let lines else { return machine.markRetrieved(index) }
        var limit = TopLimit(lines: lines)
        _ = limit.take(ByteBuffer(string: "a: b\r\n\r\none\r\n"))
        _ = limit.take(ByteBuffer(string: "two\r\n"))
    }
}
