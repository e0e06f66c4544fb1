import NIOCore
import NIOEmbedded

@testable import SessionIO

/// The first bytes of a TLS connection, which are read on their way to the TLS library; and each line as one of its key log.
enum HelloTarget {
    static func run(_ bytes: [UInt8]) {
        let whole = random(in: [ByteBuffer(bytes: bytes)])
        expect(random(in: Pieces.cut(bytes)) == whole, "in pieces, a client's random is another")
        expect(whole.map { $0.count == 32 } ?? true, "a random that is too short")
        let secrets = ExporterSecrets()
        for line in bytes.split(separator: 0x0A) { secrets.record(ByteBuffer(bytes: line)) }
    }

    private static func random(in pieces: [ByteBuffer]) -> [UInt8]? {
        let reader = ClientHelloReader()
        let channel = EmbeddedChannel(handler: reader)
        var output = ByteBuffer()
        var input = ByteBuffer()
        for piece in pieces {
            input.writeImmutableBuffer(piece)
            do {
                try channel.writeInbound(piece)
                while var passed = try channel.readInbound(as: ByteBuffer.self) { output.writeBuffer(&passed) }
            } catch {
                fail("the reader fails: \(error)")
            }
        }
        expect(output == input, "bytes are not passed on as they are")
        _ = try? channel.finish()
        return reader.clientRandom
    }
}
