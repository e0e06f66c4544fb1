import Bytes
import NIOCore

/// A line that delimits the parts of an open multipart.
struct BoundaryMatch {
    /// Which of the open multiparts.
    var index: Int
    /// Whether it is the last delimiter, `--boundary--`.
    var isClosing: Bool
    /// Bytes of the line's own end.
    var terminator: Int
}

extension MessageParser {
    /// Which boundary `line` is, innermost first. Blanks may follow it (RFC 2046 §5.1.1), and behind a blank anything: "an
    /// exact match of the entire candidate line is not required" (RFC 2046 §5.1.2). A line that is nothing but a boundary
    /// comes first, since one boundary may begin like another.
    func boundary(_ line: UnsafeRawBufferPointer) -> BoundaryMatch? {
        guard line.count > 2, line.count <= Self.candidateLimit, line[0] == ASCII.hyphen, line[1] == ASCII.hyphen else {
            return nil
        }
        var end = line.count
        var terminator = 0
        if line[end - 1] == ASCII.lf {
            end -= 1
            terminator = 1
            if line[end - 1] == ASCII.cr {
                end -= 1
                terminator = 2
            }
        }
        while end > 2, line[end - 1].isASCIIBlank { end -= 1 }
        let text = UnsafeRawBufferPointer(rebasing: line[2..<end])
        guard !text.isEmpty else { return nil }
        var loose: BoundaryMatch?
        for index in boundaries.indices.reversed() {
            let wanted = boundaries[index].bytes
            guard text.count >= wanted.count, text[0] == wanted[0], text.starts(with: wanted) else { continue }
            var rest = text[wanted.count...]
            // A boundary written with blanks at its end, which are not part of it, has them before the hyphens too.
            let gap = rest.prefix(while: \.isASCIIBlank).count
            let isLast = rest.count == gap + 2 && rest.suffix(2).allSatisfy { $0 == ASCII.hyphen }
            let isClosing = isLast || rest.starts(with: [ASCII.hyphen, ASCII.hyphen])
            if isClosing { rest = rest.dropFirst(isLast ? gap + 2 : 2) }
            guard rest.first.map(\.isASCIIBlank) ?? true else { continue }
            // At the limit of parts a delimiter is content of the last.
            guard isClosing || nodes.count < limits.parts else { continue }
            let match = BoundaryMatch(index: index, isClosing: isClosing, terminator: terminator)
            if rest.isEmpty { return match }
            if loose == nil { loose = match }
        }
        return loose
    }

    /// Ends what the delimiter ends, and begins the next part. The line lies at `start..<end`; `lines` counts the line ends
    /// before it.
    mutating func delimiter(_ match: BoundaryMatch, at start: Int, to end: Int) {
        let owner = boundaries[match.index].node
        let level = open.lastIndex(of: owner) ?? 0
        close(downTo: level + 1, at: start)
        boundaries.removeLast(boundaries.count - match.index - 1)
        isAtLineStart = true
        previous = 0
        terminator = match.terminator
        if match.isClosing {
            boundaries.removeLast()
            isInHeader = false
        } else {
            beginPart(of: owner, at: end)
        }
    }

    mutating func beginPart(of parent: Int, at offset: Int) {
        var node = Node(parent: parent)
        node.part.headerRange = offset..<offset
        open.append(nodes.count)
        nodes.append(node)
        if nodes.count == limits.parts { isTruncated = true }
        startHeader(at: offset)
        isInHeader = true
    }

    mutating func startHeader(at offset: Int) {
        held = ByteBuffer()
        lineOffset = offset
        lineMark = 0
        fieldMark = 0
        isFirstLine = true
        isLineCut = false
        isFieldDropped = false
        previous = 0
        headerLimit = keptBytes >= limits.totalHeaderBytes ? min(256, limits.headerBytes) : limits.headerBytes
    }

    /// Ends the parts from `level` of `open` on, before the delimiter at `start`; the line end before it is the delimiter's.
    mutating func close(downTo level: Int, at start: Int) {
        while open.count > level {
            let index = open.removeLast()
            let from = nodes[index].bodyStart
            let end = max(from, start - terminator)
            nodes[index].part.bodyRange = from..<end
            let belongs = end < start && terminator > 0 ? 1 : 0
            nodes[index].part.lineCount = max(0, lines - belongs - nodes[index].linesAtStart)
        }
    }

    /// The parts as a tree. Children stand behind their parents in `nodes`.
    func tree() -> MIMEPart {
        guard nodes.count > 1 else {
            var part = nodes[0].part
            if nodes[0].isMultipart { part.becomeText() }
            return part
        }
        var children = [[MIMEPart]](repeating: [], count: nodes.count)
        for index in nodes.indices.reversed() {
            var part = nodes[index].part
            part.children = children[index].reversed()
            children[index] = []
            if nodes[index].isMultipart, part.children.isEmpty { part.becomeText() }
            guard nodes[index].parent >= 0 else { return part }
            children[nodes[index].parent].append(part)
        }
        return nodes[0].part
    }
}
