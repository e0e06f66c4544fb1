import MailModel
import SASLMechanisms

/// Addresses, domains and local parts as the store compares them.
enum AddressTarget {
    static func run(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let address = EmailAddress(text) {
            guard let again = EmailAddress(address.description) else { fail("\(address) is no address any more") }
            expect(again == address, "\(address) is not the address it was read from")
        }
        if let domain = DomainName(text) {
            guard let again = DomainName(domain.description) else { fail("\(domain) is no domain any more") }
            expect(again == domain, "\(domain) is not the domain it was read from")
            expect(DomainName(domain.ascii) == domain, "\(domain.ascii) is not \(domain)")
        }
        if let local = LocalPart.normalise(text), local.utf8.count <= 64 {
            expect(
                LocalPart.normalise(LocalPart.quoted(local)) == local, "local part \(local) changes when it is quoted")
        }
        _ = SCRAMVerifier(text: text)
        if let prepared = SASLPrep.prepare(text) {
            expect(SASLPrep.prepare(prepared) == prepared, "SASLprep has more to do the second time")
        }
        let keyword = Keyword(text)
        expect(keyword == Keyword(text.uppercased()) || !text.utf8.allSatisfy { $0 < 0x80 }, "keywords mind their case")
    }
}
