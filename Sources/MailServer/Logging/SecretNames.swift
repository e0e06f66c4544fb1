/// Names whose values are never shown, whoever logs or sets them.
enum SecretNames {
    private static let parts = [
        "password", "secret", "token", "authorization", "credential", "verifier", "privatekey",
    ]

    static func contain(_ name: String) -> Bool {
        let name = name.lowercased()
        return parts.contains { name.contains($0) }
    }
}
