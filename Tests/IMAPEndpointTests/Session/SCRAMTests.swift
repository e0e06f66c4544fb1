import Bytes
import Crypto
import Testing

/// SCRAM-SHA-256 through AUTHENTICATE, played by a client of its own.
@Suite struct SCRAMTests {
    @Test(arguments: [true, false]) func login(isRight: Bool) async throws {
        let server = try await ConversationServer(options: ["noplaintext"])
        let client = try await ConversationClient(server.address)
        _ = await client.line()
        let bare = "n=alice@example.test,r=rOprNGfwEbeRWgbNEkqO"
        client.send("a1 AUTHENTICATE SCRAM-SHA-256 \(Base64.string("n,,\(bare)".utf8))\r\n")
        let challenge = try text(await client.line())
        let fields = challenge.split(separator: ",")
        #expect(fields.count == 3 && fields[0].hasPrefix("r=rOprNGfwEbeRWgbNEkqO"))
        let salt = try #require(Base64.decode(fields[1].dropFirst(2).utf8))
        let iterations = try #require(Int(fields[2].dropFirst(2)))
        let final = "c=biws,\(fields[0])"
        let password = isRight ? ConversationServer.password : "wrong"
        let proof = proof(password, salt, iterations, message: "\(bare),\(challenge),\(final)")
        client.send(Base64.string("\(final),p=\(proof)".utf8) + "\r\n")
        if isRight {
            #expect(try text(await client.line()).hasPrefix("v="))
            client.send("\r\n")
            #expect(await client.line()?.hasPrefix("a1 OK [CAPABILITY ") == true)
        } else {
            #expect(await client.line()?.hasPrefix("a1 NO [AUTHENTICATIONFAILED] ") == true)
        }
        await client.close()
        await server.stop()
    }

    private func text(_ line: String?) throws -> String {
        let line = try #require(line)
        #expect(line.hasPrefix("+ "))
        return String(decoding: try #require(Base64.decode(line.dropFirst(2).utf8)), as: UTF8.self)
    }

    /// RFC 5802 §3.
    private func proof(_ password: String, _ salt: [UInt8], _ iterations: Int, message: String) -> String {
        var block = hmac(Array(password.utf8), salt + [0, 0, 0, 1])
        var salted = block
        for _ in 1..<iterations {
            block = hmac(Array(password.utf8), block)
            for index in salted.indices { salted[index] ^= block[index] }
        }
        let clientKey = hmac(salted, Array("Client Key".utf8))
        let signature = hmac(Array(SHA256.hash(data: clientKey)), Array(message.utf8))
        return Base64.string(zip(clientKey, signature).map { $0 ^ $1 })
    }

    private func hmac(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
    }
}
