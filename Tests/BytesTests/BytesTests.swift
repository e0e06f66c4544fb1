import Bytes
import NIOCore
import Testing

@Suite struct BytesTests {
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func base64OfRFC4648(plain: String, coded: String) {
        #expect(Base64.string(plain.utf8) == coded)
        #expect(Base64.decode(Array(coded.utf8)) == Array(plain.utf8))
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Zg==Zg==", "Z===", "====", "Zm9v\n", "Zm 9v", "Zg=a"])
    func base64RefusesWhatIsNotCanonicalShape(text: String) {
        #expect(Base64.decode(Array(text.utf8)) == nil)
    }

    /// RFC 3720 §B.4 lists these.
    @Test func crc32cOfTheKnownVectors() {
        let zeros = [UInt8](repeating: 0, count: 32)
        let ascending = Array(0...31).map { UInt8($0) }
        #expect(zeros.withUnsafeBytes { CRC32C.checksum($0) } == 0x8A91_36AA)
        #expect(ascending.withUnsafeBytes { CRC32C.checksum($0) } == 0x46DD_794E)
        let head = ascending[..<13].withUnsafeBytes { CRC32C.checksum($0) }
        #expect(ascending[13...].withUnsafeBytes { CRC32C.checksum($0, seed: head) } == 0x46DD_794E)
    }

    @Test(arguments: [0, 7, 9, 10, 99, 100, 12_345, UInt64(UInt32.max), UInt64.max / 10, UInt64.max] as [UInt64])
    func decimalsAreWrittenAsStringWould(number: UInt64) {
        var buffer = ByteBuffer()
        buffer.writeDecimal(number)
        #expect(String(buffer: buffer) == String(number))
    }

    @Test func searchingRespectsTheReaderIndex() {
        var buffer = ByteBuffer(string: "abcabc")
        buffer.moveReaderIndex(forwardBy: 1)
        #expect(buffer.distance(to: UInt8(ascii: "a")) == 2)
        #expect(buffer.distance(to: UInt8(ascii: "b"), skipping: 1) == 3)
        #expect(buffer.distance(to: UInt8(ascii: "x")) == nil)
        #expect(buffer.distance(to: UInt8(ascii: "c"), skipping: 99) == nil)
        #expect(ByteBuffer().distance(to: 0) == nil)
    }

    @Test func caseIsIgnoredForLettersOnly() {
        #expect(ByteBuffer(string: "Noop").equalsIgnoringASCIICase("NOOP"))
        #expect(!ByteBuffer(string: "[OOP").equalsIgnoringASCIICase("{OOP"))
        #expect(ByteBuffer(string: "AUTH=plain").startsIgnoringASCIICase(with: "auth="))
        #expect(!ByteBuffer(string: "AU").startsIgnoringASCIICase(with: "auth="))
    }

    @Test func sequencesAreFoundAtTheEdges() {
        let text = Array("--boundary--".utf8)
        text.withUnsafeBytes { text in
            Array("--".utf8).withUnsafeBytes { needle in
                #expect(text.offset(ofSequence: needle) == 0)
                #expect(text.offset(ofSequence: needle, from: 1) == 10)
                #expect(text.offset(ofSequence: needle, from: 11) == nil)
                #expect(text.offset(ofSequence: needle, from: 99) == nil)
            }
        }
    }
}
