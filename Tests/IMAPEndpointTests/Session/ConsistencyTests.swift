import Testing

/// Several clients change one mailbox at once. Each keeps the list of messages that the server's EXISTS, EXPUNGE and FETCH
/// describe, as a caching client does, and complains when they contradict each other; in the end all agree.
@Suite struct ConsistencyTests {
    @Test func clientsAgree() async throws {
        let server = try await ConversationServer()
        let clients = try await withThrowingTaskGroup(of: CachingClient.self) { group in
            for number in 0..<4 {
                group.addTask {
                    let client = try await CachingClient(server, seed: UInt64(number))
                    for _ in 0..<80 { await client.act() }
                    return client
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        var views: Set<[UInt32: Set<String>]> = []
        for client in clients {
            await client.ask("NOOP")
            let told = client.flags
            await client.ask("FETCH 1:* (UID FLAGS)", mayBeBad: true)
            let flags = client.flags
            for (uid, told) in told { #expect(flags[uid] == told, "what was told by and by is not what is there") }
            views.insert(flags)
            #expect(client.contradictions == [])
            await client.close()
        }
        #expect(views.count == 1)
        await server.stop()
    }
}

/// A client that keeps what it has been told.
///
/// Safety of `@unchecked Sendable`: used by one task after the other, first that of the group, then the test's.
private final class CachingClient: @unchecked Sendable {
    private let client: ConversationClient
    private var generator: Generator
    private var number = 0
    /// By sequence number; nil while only EXISTS is known.
    private var uids: [UInt32?] = []
    private var known: [UInt32: Set<String>] = [:]
    private(set) var contradictions: [String] = []

    init(_ server: ConversationServer, seed: UInt64) async throws {
        client = try await ConversationClient(server.address)
        generator = Generator(state: seed)
        _ = await client.line()
        await ask("LOGIN alice@example.test \"\(ConversationServer.password)\"")
        await ask("SELECT INBOX")
        await ask("FETCH 1:* (UID FLAGS)", mayBeBad: true)
    }

    /// The flags of the messages that are there, by UID.
    var flags: [UInt32: Set<String>] {
        let present = Set(uids.compactMap(\.self))
        return known.filter { present.contains($0.key) }
    }

    func close() async { await client.close() }

    func act() async {
        let first = Int.random(in: 1...max(uids.count, 1), using: &generator)
        let last = min(first + 2, uids.count)
        let uid = (uids.randomElement(using: &generator) ?? nil) ?? 1
        let silent = Bool.random(using: &generator) ? ".SILENT" : ""
        switch uids.isEmpty ? 0 : Int.random(in: 0...9, using: &generator) {
        case 0, 1: await ask("APPEND INBOX (\\Seen) {15+}\r\nSubject: x\r\n\r\n\n")
        case 2: await ask("STORE \(first):\(last) +FLAGS\(silent) (\\Deleted)")
        case 3: await ask("STORE \(first) -FLAGS\(silent) (\\Seen \\Flagged)")
        case 4: await ask("UID STORE \(uid):* FLAGS\(silent) (\\Flagged $K\(first % 5))")
        case 5: await ask("EXPUNGE")
        case 6: await ask("FETCH \(first):\(last) (UID FLAGS BODY[])")
        case 7: await ask("UID MOVE \(uid) Archive")
        case 8: await ask("COPY \(first) INBOX")
        default: await ask("NOOP")
        }
        // A silent STORE is not told to who made it.
        if !silent.isEmpty, !uids.isEmpty { await ask("FETCH 1:* (UID FLAGS)", mayBeBad: true) }
    }

    func ask(_ command: String, mayBeBad: Bool = false) async {
        number += 1
        let lines = await client.ask("a\(number) \(command)")
        for line in lines { take(line, during: command) }
        if lines.last?.hasPrefix("a\(number) BAD") != false, !mayBeBad { contradictions.append("\(command): \(lines)") }
    }

    private func take(_ line: String, during command: String) {
        let words = line.split(separator: " ", maxSplits: 3).map(String.init)
        guard words.count >= 3, words[0] == "*", let number = Int(words[1]) else { return }
        switch words[2] {
        case "EXISTS":
            if number < uids.count { return contradict(line, command) }
            uids += Array(repeating: nil, count: number - uids.count)
        case "EXPUNGE":
            let isForbidden = ["FETCH", "STORE", "COPY"].contains { command.hasPrefix($0) }
            guard !isForbidden, number >= 1, number <= uids.count else { return contradict(line, command) }
            uids.remove(at: number - 1)
        case "FETCH":
            guard number >= 1, number <= uids.count else { return contradict(line, command) }
            if let uid = line.firstMatch(of: #/UID (\d+)/#).flatMap({ UInt32($0.1) }) {
                if let known = uids[number - 1], known != uid { return contradict(line, command) }
                uids[number - 1] = uid
            }
            if let uid = uids[number - 1], let flags = line.firstMatch(of: #/FLAGS \(([^)]*)\)/#) {
                known[uid] = Set(flags.1.split(separator: " ").map(String.init)).subtracting(["\\Recent"])
            }
        default: break
        }
    }

    private func contradict(_ line: String, _ command: String) {
        contradictions.append("\(line) during \(command)")
    }
}
