/// Header: a message that has been through too many hosts goes round in circles (RFC 5321 §6.3).
struct HopLimit {
    static let name = "hops"
    let settings: DeliverySettings

    func check(_ header: HeaderFacts) throws(DeliveryRefusal) {
        guard header.received > settings.maximumHops else { return }
        throw DeliveryRefusal(554, "5.4.6", "Too many hops: mail loop", cause: "\(header.received) Received fields")
    }
}
