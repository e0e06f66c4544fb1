import Bytes

extension SCRAMVerifier {
    /// The form it is stored in, the one PostgreSQL uses: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`,
    /// binary parts in base64.
    package var text: String {
        "SCRAM-SHA-256$\(iterations):\(Base64.string(salt))$\(Base64.string(storedKey)):\(Base64.string(serverKey))"
    }

    /// Reads `text`, and the form other mail servers export: `{SCRAM-SHA-256}<iterations>,<salt>,<StoredKey>,<ServerKey>`.
    package init?(text: String) {
        let fields: [Substring]
        if text.hasPrefix("SCRAM-SHA-256$") {
            fields = text.dropFirst("SCRAM-SHA-256$".count).split(
                omittingEmptySubsequences: false, whereSeparator: { $0 == ":" || $0 == "$" })
        } else if text.hasPrefix("{SCRAM-SHA-256}") {
            fields = text.dropFirst("{SCRAM-SHA-256}".count).split(separator: ",", omittingEmptySubsequences: false)
        } else {
            return nil
        }
        guard fields.count == 4, let iterations = Int(fields[0]), let salt = Base64.decode(fields[1].utf8),
            let storedKey = Base64.decode(fields[2].utf8), let serverKey = Base64.decode(fields[3].utf8)
        else { return nil }
        self.init(salt: salt, iterations: iterations, storedKey: storedKey, serverKey: serverKey)
    }
}
