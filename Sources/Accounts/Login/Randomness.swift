import Bytes

/// Bytes from the system's generator.
enum Randomness {
    static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// Printable text of 144 random bits, without a comma (RFC 5802 §5.1).
    static func nonce() -> String { Base64.string(bytes(18)) }
}
