import MessageFormat
import NIOCore
import Testing

/// What holds for the structure of any bytes.
func checkInvariants(_ structure: MessageStructure, _ bytes: ByteBuffer, _ name: String) {
    #expect(structure.size == bytes.readableBytes, "\(name)")
    #expect(structure.root.headerRange.lowerBound == 0, "\(name)")
    #expect(structure.root.bodyRange.upperBound == structure.size, "\(name)")
    let view = Array(bytes.readableBytesView)
    var parts = 0
    func check(_ part: MIMEPart, _ outer: Range<Int>, _ depth: Int) {
        parts += 1
        #expect(part.headerRange.upperBound == part.bodyRange.lowerBound, "\(name): header and body touch")
        let range = part.range
        #expect(
            range.lowerBound >= outer.lowerBound && range.upperBound <= outer.upperBound, "\(name): inside the parent")
        #expect(part.lineCount == view[part.bodyRange].reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }, "\(name): lines")
        #expect(depth <= 101, "\(name)")
        if part.isMultipart { #expect(!part.children.isEmpty, "\(name): a multipart has parts") }
        if part.message != nil {
            #expect(part.children.count == 1 && part.envelope != nil, "\(name)")
            #expect(part.children[0].range == part.bodyRange, "\(name): a message is its part's body")
        }
        var end = part.bodyRange.lowerBound
        for child in part.children {
            #expect(child.headerRange.lowerBound >= end, "\(name): parts are in order")
            end = child.bodyRange.upperBound
            check(child, part.bodyRange, depth + 1)
        }
    }
    check(structure.root, 0..<structure.size, 0)
    #expect(parts <= 10_000, "\(name)")
}
