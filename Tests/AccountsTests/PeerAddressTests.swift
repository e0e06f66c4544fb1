import Accounts
import Testing

@Suite struct PeerAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1", "[192.0.2.1]", false), ("::ffff:192.0.2.1", "192.0.2.1", "[192.0.2.1]", false),
        ("2001:DB8::1", "2001:db8::1", "[IPv6:2001:db8::1]", false), ("::1", "::1", "[IPv6:::1]", true),
        ("127.8.9.1", "127.8.9.1", "[127.8.9.1]", true), ("fe80::1%eth0", "fe80::1", "[IPv6:fe80::1]", false),
    ])
    func reads(_ text: String, _ plain: String, _ literal: String, _ isLoopback: Bool) throws {
        let address = try #require(PeerAddress(text))
        #expect(address.description == plain)
        #expect(address.literal == literal)
        #expect(address.isLoopback == isLoopback)
    }

    @Test(arguments: ["", "example.org", "192.0.2", "192.0.2.256", "2001:db8::1::2", "[192.0.2.1]"])
    func refuses(_ text: String) { #expect(PeerAddress(text) == nil) }

    @Test func networkIsTheHalfOfIPv6() throws {
        #expect(PeerAddress("2001:db8:1:2:3:4:5:6")?.network == PeerAddress("2001:db8:1:2::"))
        #expect(PeerAddress("192.0.2.1")?.network == PeerAddress("192.0.2.1"))
        #expect(PeerAddress(bytes: [1, 2, 3]) == nil)
    }

    @Test(arguments: [
        ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.1", false), ("192.0.2.1", "192.0.2.1", true),
        ("10.0.0.0/9", "10.127.255.255", true), ("10.0.0.0/9", "10.128.0.0", false), ("0.0.0.0/0", "203.0.113.9", true),
        ("0.0.0.0/0", "2001:db8::1", false), ("2001:db8::/33", "2001:db8:7fff::1", true),
        ("2001:db8::/33", "2001:db8:8000::1", false),
    ])
    func ranges(_ range: String, _ address: String, _ isInside: Bool) throws {
        let range = try #require(NetworkRange(range))
        #expect(range.contains(try #require(PeerAddress(address))) == isInside)
    }

    @Test(arguments: ["", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/", "2001:db8::/129", "x/8"])
    func refusesRange(_ text: String) { #expect(NetworkRange(text) == nil) }
}
