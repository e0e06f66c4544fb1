import IMAPWire
import MessageFormat

/// What a section specification refers to in a message (RFC 9051 §6.4.5.1).
enum SectionTarget: Equatable {
    /// These bytes of the message.
    case bytes(Range<Int>)
    /// A choice among the fields of the header in these bytes.
    case fields(Range<Int>, [String], excluding: Bool)
    /// No such part, or one that has no such thing: NIL.
    case missing

    /// `size` is that of the whole message.
    init(_ section: Section, of root: MIMEPart, size: Int) {
        let path = section.part.map { Int($0) }
        func bytes(_ kind: PartSection) -> SectionTarget {
            root.range(of: kind, at: path).map { .bytes($0) } ?? .missing
        }
        func fields(_ names: [String], excluding: Bool) -> SectionTarget {
            root.range(of: .header, at: path).map { .fields($0, names, excluding: excluding) } ?? .missing
        }
        self =
            switch section.text {
            case nil: path.isEmpty ? .bytes(0..<size) : bytes(.body)
            case .header: bytes(.header)
            case .headerFields(let names): fields(names, excluding: false)
            case .headerFieldsNot(let names): fields(names, excluding: true)
            case .text: bytes(.text)
            case .mime: bytes(.mime)
            }
    }
}
