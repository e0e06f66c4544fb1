/// A keyword of the EHLO reply (RFC 5321 §4.1.1.1) with its parameters. The registry is open, so this is a struct.
package struct Capability: RawRepresentable, Hashable, Sendable {
    /// The line as sent, such as `SIZE 52428800`.
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ rawValue: String) { self.rawValue = rawValue }

    /// RFC 2920.
    package static let pipelining = Self("PIPELINING")
    /// RFC 6152.
    package static let eightBitMIME = Self("8BITMIME")
    /// RFC 6531.
    package static let smtpUTF8 = Self("SMTPUTF8")
    /// RFC 2034.
    package static let enhancedStatusCodes = Self("ENHANCEDSTATUSCODES")
    /// RFC 3030.
    package static let chunking = Self("CHUNKING")
    /// RFC 3030.
    package static let binaryMIME = Self("BINARYMIME")
    /// RFC 3461.
    package static let dsn = Self("DSN")
    /// RFC 3207.
    package static let startTLS = Self("STARTTLS")
    /// RFC 1870: the largest message in octets.
    package static func size(_ limit: UInt64) -> Self { Self("SIZE \(limit)") }
    /// RFC 4954.
    package static func auth(_ mechanisms: [String]) -> Self { Self("AUTH " + mechanisms.joined(separator: " ")) }

    /// What every listener offers.
    package static let always: [Capability] = [
        .pipelining, .eightBitMIME, .smtpUTF8, .enhancedStatusCodes, .chunking, .binaryMIME, .dsn,
    ]
}

extension Reply {
    /// The reply to EHLO: the host's name, then one keyword a line.
    package static func extendedHello(host: String, client: String, _ capabilities: [Capability]) -> Reply {
        Reply(.ok, nil, "\(host) greets \(client)", moreLines: capabilities.map(\.rawValue))
    }
}
