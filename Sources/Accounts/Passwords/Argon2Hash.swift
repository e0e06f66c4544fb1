import CArgon2

/// Argon2id (RFC 9106) hashes as PHC strings: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`.
///
/// Each call keeps a core busy for about 14 ms: only on `HashingPool`.
package enum Argon2Hash {
    /// What new passwords cost. 19 MiB and two passes are the least that is recommended against guessing farms.
    package struct Cost: Hashable, Sendable {
        package var kibibytes: UInt32
        package var passes: UInt32
        package var lanes: UInt32
        package init(kibibytes: UInt32 = 19 * 1024, passes: UInt32 = 2, lanes: UInt32 = 1) {
            self.kibibytes = kibibytes
            self.passes = passes
            self.lanes = lanes
        }
    }

    private static let hashLength = 32

    /// The PHC string of `password`; nil only when memory is short or the cost makes no sense.
    package static func make(_ password: String, salt: [UInt8], cost: Cost) -> String? {
        let length = argon2_encodedlen(
            cost.passes, cost.kibibytes, cost.lanes, UInt32(salt.count), UInt32(hashLength), Argon2_id)
        var text = [CChar](repeating: 0, count: length)
        let bytes = Array(password.utf8)
        let status = argon2id_hash_encoded(
            cost.passes, cost.kibibytes, cost.lanes, bytes, bytes.count, salt, salt.count, hashLength, &text, text.count
        )
        guard status == ARGON2_OK.rawValue else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package static func matches(_ password: String, _ text: String) -> Bool {
        guard isAcceptable(text) else { return false }
        let bytes = Array(password.utf8)
        return argon2id_verify(text, bytes, bytes.count) == ARGON2_OK.rawValue
    }

    /// Whether `text` is a PHC string of Argon2id that costs no more than 256 MiB, 16 passes and 16 lanes: a hash that
    /// comes from elsewhere must not be able to stop the server.
    package static func isAcceptable(_ text: String) -> Bool {
        let fields = text.split(separator: "$", omittingEmptySubsequences: false)
        guard fields.count == 6, fields[0].isEmpty, fields[1] == "argon2id", fields[2] == "v=19",
            text.utf8.count <= 512,
            (11...128).contains(fields[4].utf8.count), (16...128).contains(fields[5].utf8.count)
        else { return false }
        var cost: [Substring: UInt32] = [:]
        for parameter in fields[3].split(separator: ",", omittingEmptySubsequences: false) {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = UInt32(parts[1]) else { return false }
            cost[parts[0]] = value
        }
        guard let memory = cost["m"], let passes = cost["t"], let lanes = cost["p"], cost.count == 3 else {
            return false
        }
        return (8...(256 * 1024)).contains(memory) && (1...16).contains(passes) && (1...16).contains(lanes)
            && memory >= 8 * lanes
    }
}
