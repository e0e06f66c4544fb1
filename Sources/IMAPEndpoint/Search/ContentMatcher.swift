import Bytes
import MessageFormat
import NIOCore

/// Answers the text keys of a search for one message whose content goes by in pieces. A value, so that it can be handed to
/// a worker and back.
struct ContentMatcher: Sendable {
    /// A stretch of the message that is looked at.
    struct Segment: Sendable {
        enum Kind: Sendable {
            /// The message's own header.
            case mainHeader
            /// The header of a part, or of a message in it: part of the body.
            case innerHeader
            case text(MIMEPart)
        }
        let range: Range<Int>
        let kind: Kind
    }

    /// In ascending order.
    let segments: [Segment]
    /// By key; true once found, nil while unknown, and always nil for keys that are not about text.
    private(set) var answers: [Bool?]

    private let keys: [StoredKey]
    private var stream = TextStream([])
    private var decoder: PartTextDecoder?
    private var header = ByteBuffer()

    /// Of a longer header only the beginning is searched.
    private static let headerLimit = 1 << 20

    /// `answers` are what is known already.
    init(_ keys: [StoredKey], answers: [Bool?], root: MIMEPart) {
        self.keys = keys
        self.answers = answers
        var inHeader = false
        var inBody = false
        var needles: [(Int, Needle)] = []
        for (index, key) in keys.enumerated() where answers[index] == nil {
            guard case .text(let text) = key else { continue }
            switch text.scope {
            case .field: inHeader = true
            case .message:
                inHeader = true
                inBody = true
                needles.append((index, text.needle))
            case .body:
                inBody = true
                needles.append((index, text.needle))
            }
        }
        var segments: [Segment] = []
        if inHeader { segments.append(Segment(range: root.headerRange, kind: .mainHeader)) }
        if inBody { Self.collect(root, into: &segments) }
        self.segments = segments.filter { !$0.range.isEmpty }
        stream = TextStream(needles)
    }

    private static func collect(_ part: MIMEPart, into segments: inout [Segment]) {
        for child in part.children {
            segments.append(Segment(range: child.headerRange, kind: .innerHeader))
            collect(child, into: &segments)
        }
        if part.children.isEmpty, part.mediaType == "text" || part.mediaType == "message" {
            segments.append(Segment(range: part.bodyRange, kind: .text(part)))
        }
    }

    /// Whether every key that content can answer has been found.
    var isDone: Bool {
        !zip(keys, answers).contains { key, answer in
            if case .text = key { answer == nil } else { false }
        }
    }

    /// The next bytes of `segments[index]`; `isFirst` and `isLast` tell where it begins and ends.
    mutating func consume(_ bytes: ByteBuffer, of index: Int, isFirst: Bool, isLast: Bool) {
        switch segments[index].kind {
        case .mainHeader, .innerHeader:
            if isFirst { header.clear() }
            if header.readableBytes < Self.headerLimit { header.writeImmutableBuffer(bytes) }
            guard isLast else { return }
            if case .mainHeader = segments[index].kind { searchMainHeader() } else { searchInnerHeader() }
            header = ByteBuffer()
        case .text(let part):
            if isFirst {
                stream.restart()
                decoder = PartTextDecoder(part)
            }
            bytes.withUnsafeReadableBytes { bytes in
                decoder?.decode(bytes, isLast: isLast) { stream.consume($0) }
            }
        }
        for key in stream.found { answers[key] = true }
    }

    /// What has not been found is not there.
    mutating func finish() {
        for (index, key) in keys.enumerated() where answers[index] == nil {
            if case .text = key { answers[index] = false }
        }
    }

    private mutating func searchMainHeader() {
        for field in HeaderBlock(header) {
            var decoded: String?
            for (index, key) in keys.enumerated() where answers[index] == nil {
                guard case .text(let text) = key else { continue }
                switch text.scope {
                case .field(let name):
                    guard field.isNamed(name) else { continue }
                    let value = decoded ?? field.decodedValue
                    decoded = value
                    if text.needle.isIn(value) { answers[index] = true }
                case .message:
                    let value = decoded ?? field.decodedValue
                    decoded = value
                    if text.needle.isIn("\(field.name): \(value)") { answers[index] = true }
                case .body: continue
                }
            }
        }
        // Only the header could have answered these.
        for (index, key) in keys.enumerated() where answers[index] == nil {
            if case .text(let text) = key, case .field = text.scope { answers[index] = false }
        }
    }

    private mutating func searchInnerHeader() {
        for field in HeaderBlock(header) {
            stream.restart()
            stream.consume("\(field.name): \(field.decodedValue)")
        }
    }
}
