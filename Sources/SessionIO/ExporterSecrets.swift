import Bytes
package import NIOCore
import Synchronization

/// The exporter secrets of TLS 1.3 handshakes that are under way, as the TLS library reports them.
///
/// The library in use has no exporter (RFC 8446 §7.5) of its own, but tells each handshake's exporter secret to a key log.
/// Here those lines are kept until their connection asks, and all other lines are dropped. Nothing is ever written anywhere.
package final class ExporterSecrets: Sendable {
    /// Handshakes that may be under way at once; beyond, the oldest are forgotten, which costs them their exporter only.
    private static let limit = 4096
    private static let label = Array("EXPORTER_SECRET ".utf8)

    private struct State {
        var secrets: [[UInt8]: [UInt8]] = [:]
        var order: [[UInt8]] = []
        var oldest = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// A line of the key log: label, client random and secret, the last two in hexadecimal.
    package func record(_ line: ByteBuffer) {
        let bytes = line.readableBytesView
        guard bytes.starts(with: Self.label) else { return }
        let words = bytes.dropFirst(Self.label.count).split(separator: 0x20)
        guard words.count == 2, let random = Self.decoded(words[0]), let secret = Self.decoded(words[1]),
            random.count == 32
        else { return }
        state.withLock { state in
            guard state.secrets.updateValue(secret, forKey: random) == nil else { return }
            if state.order.count < Self.limit {
                state.order.append(random)
            } else {
                state.secrets[state.order[state.oldest]] = nil
                state.order[state.oldest] = random
                state.oldest = (state.oldest + 1) % Self.limit
            }
        }
    }

    /// The secret of the handshake that began with `clientRandom`; it is forgotten here.
    func take(_ clientRandom: [UInt8]) -> [UInt8]? {
        state.withLock { $0.secrets.removeValue(forKey: clientRandom) }
    }

    private static func decoded(_ text: some Collection<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        var high: UInt8?
        for byte in text where byte != 0x0A && byte != 0x0D {
            guard let digit = byte.hexadecimalValue else { return nil }
            if let first = high {
                output.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return high == nil ? output : nil
    }
}
