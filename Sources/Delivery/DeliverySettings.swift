package import MailModel

/// Limits and names that delivery works with.
package struct DeliverySettings: Sendable {
    /// This host's name, for Received lines, Message-IDs and DSNs.
    package var hostName: DomainName
    /// In bytes, as received; what SIZE announces (RFC 1870 §4).
    package var maximumSize: Int
    /// Recipients of one transaction; RFC 5321 §4.5.3.1.8 asks for 100 at least.
    package var maximumRecipients: Int
    /// In bytes; a larger header is refused.
    package var maximumHeader: Int
    /// Received fields above which a message is taken to go round in circles (RFC 5321 §6.3).
    package var maximumHops: Int

    package init(
        hostName: DomainName, maximumSize: Int = 50 * 1024 * 1024, maximumRecipients: Int = 1000,
        maximumHeader: Int = 256 * 1024, maximumHops: Int = 100
    ) {
        self.hostName = hostName
        self.maximumSize = maximumSize
        self.maximumRecipients = maximumRecipients
        self.maximumHeader = maximumHeader
        self.maximumHops = maximumHops
    }
}
