import NIOCore
import POP3Wire
import Testing

@Suite struct WritingTests {
    private func text(_ write: (inout ByteBuffer) -> Void) -> String {
        var output = ByteBuffer()
        write(&output)
        return String(buffer: output)
    }

    @Test func replies() {
        #expect(text(POP3Reply.ok("").write) == "+OK\r\n")
        #expect(text(POP3Reply.ok("done").write) == "+OK done\r\n")
        #expect(text(POP3Reply.error("Busy", code: .inUse).write) == "-ERR [IN-USE] Busy\r\n")
        #expect(text(POP3Reply.error("a\r\n+OK b").write) == "-ERR a  +OK b\r\n")
        #expect(text(POP3Reply.ok(String(repeating: "x", count: 1000)).write).utf8.count <= 512)
        #expect(text { POP3Reply.writeChallenge([], into: &$0) } == "+ \r\n")
        #expect(text { POP3Reply.writeChallenge([0, 1, 2], into: &$0) } == "+ AAEC\r\n")
    }

    @Test func capabilities() {
        var capabilities = POP3Capabilities()
        capabilities.offersTLS = true
        capabilities.mechanisms = ["SCRAM-SHA-256", "PLAIN"]
        capabilities.expiry = .days(0)
        capabilities.expiryDependsOnUser = true
        let lines = text(capabilities.write).split(separator: "\r\n").map(String.init)
        #expect(lines.first == "+OK Capability list follows")
        #expect(lines.last == ".")
        #expect(
            Set(lines.dropFirst().dropLast()) == [
                "TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "UTF8 USER", "STLS",
                "SASL SCRAM-SHA-256 PLAIN", "EXPIRE 0 USER", "IMPLEMENTATION Martlet",
            ])
        #expect(text(capabilities.writeMechanisms) == "+OK Mechanisms follow\r\nSCRAM-SHA-256\r\nPLAIN\r\n.\r\n")
        capabilities.offersUser = true
        capabilities.loginDelay = 60
        capabilities.expiry = .never
        capabilities.expiryDependsOnUser = false
        let other = text(capabilities.write)
        #expect(other.contains("\r\nUSER\r\n") && other.contains("\r\nLOGIN-DELAY 60\r\nIMPL"))
        #expect(other.contains("\r\nEXPIRE NEVER\r\n"))
    }

    @Test func listings() {
        let machine = Session()
        machine.machine.loggedIn(POP3Maildrop(sizes: [120, 200, 7], ids: [300, 301, 302]), expiry: .never)
        _ = machine.say("DELE 2\r\n")
        var output = ByteBuffer()
        var sizes = POP3Listing(.sizes)
        #expect(sizes.write(machine.maildrop, into: &output, limit: 1000) == .finished)
        #expect(String(buffer: output) == "+OK 2 messages (127 octets)\r\n1 120\r\n3 7\r\n.\r\n")

        output.clear()
        var ids = POP3Listing(.uniqueIDs)
        #expect(ids.write(machine.maildrop, into: &output, limit: 1000) == .needsUniqueIDs(0..<3))
        machine.machine.resolve(0..<3, uniqueIDs: ["whqtswO00WBw418f9t5JxYwZ", nil, "not allowed"])
        #expect(ids.write(machine.maildrop, into: &output, limit: 1000) == .finished)
        #expect(
            String(buffer: output) == "+OK 2 messages (127 octets)\r\n1 whqtswO00WBw418f9t5JxYwZ\r\n3 302\r\n.\r\n")
    }

    @Test func aLongListingComesInParts() {
        let count = 2500
        let machine = Session()
        machine.machine.loggedIn(
            POP3Maildrop(sizes: Array(repeating: 1, count: count), ids: (0..<count).map { Int64($0) + 256 }),
            expiry: .never)
        var listing = POP3Listing(.uniqueIDs)
        var text = ""
        var output = ByteBuffer()
        var lookups = 0
        loop: while true {
            switch listing.write(machine.maildrop, into: &output, limit: 4096) {
            case .finished:
                break loop
            case .full:
                #expect(output.readableBytes < 4200)
                text += String(buffer: output)
                output.clear()
            case .needsUniqueIDs(let range):
                lookups += 1
                machine.machine.resolve(range, uniqueIDs: range.map { _ in nil })
            }
        }
        text += String(buffer: output)
        #expect(lookups == 3)
        #expect(text.split(separator: "\r\n").count == count + 2)
        #expect(text.hasSuffix("2500 2755\r\n.\r\n"))
    }
}
