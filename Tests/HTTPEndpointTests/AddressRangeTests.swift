import HTTPEndpoint
import NIOCore
import Testing

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false),
        ("192.0.2.77/24", "192.0.2.1", true),
        ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false), ("10.0.0.0/9", "10.127.0.1", true),
        ("10.0.0.0/9", "10.128.0.1", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false),
        ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false), ("::1", "::1", true),
        ("127.0.0.0/8", "::ffff:127.0.0.1", true),
    ])
    func membership(range: String, address: String, isWithin: Bool) throws {
        let range = try #require(AddressRange(range))
        let address = try SocketAddress(ipAddress: address, port: 1)
        #expect(range.contains(address) == isWithin)
    }

    @Test(arguments: [
        "", "/8", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2/24", "2001:db8::/129", "host.test", "192.0.2.0/24/8",
    ])
    func whatIsNoRange(text: String) { #expect(AddressRange(text) == nil) }

    @Test func descriptionsReadBack() {
        for text in ["192.0.2.0/24", "2001:db8::/32", "192.0.2.1", "::1"] {
            #expect(AddressRange(text)?.description == text)
        }
    }

    @Test func aLocalSocketIsInNoRange() throws {
        let socket = try SocketAddress(unixDomainSocketPath: "/tmp/x")
        #expect(AddressRange("0.0.0.0/0")?.contains(socket) == false)
    }
}
