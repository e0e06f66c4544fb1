import Glibc

/// What stands between the brackets of `[192.0.2.1]` and `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3).
package enum AddressLiteral {
    /// Whether `text`, without brackets, is an IPv4 address or a tagged IPv6 address. Other tags are registered nowhere.
    package static func isValid(_ text: String) -> Bool {
        let tag = "ipv6:"
        if text.utf8.count > tag.utf8.count, text.prefix(tag.count).lowercased() == tag {
            var address = in6_addr()
            return inet_pton(AF_INET6, String(text.dropFirst(tag.count)), &address) == 1
        }
        var address = in_addr()
        return inet_pton(AF_INET, text, &address) == 1
    }
}
