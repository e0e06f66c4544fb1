import Bytes
import NIOCore

extension MessageParser {
    /// Takes one line, or what the chunk has of it.
    mutating func header(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) {
        let feed = bytes.offset(of: ASCII.lf, from: position)
        let stop = feed.map { $0 + 1 } ?? bytes.count
        if held.writerIndex == lineMark, !isLineCut, !bytes[position].isASCIIBlank { fieldMark = lineMark }
        keep(UnsafeRawBufferPointer(rebasing: bytes[position..<stop]))
        offset += stop - position
        guard let feed else {
            previous = bytes[stop - 1]
            position = stop
            return
        }
        let before = feed > position ? bytes[feed - 1] : previous
        previous = 0
        position = stop
        headerLine(terminator: before == ASCII.cr ? 2 : 1)
    }

    /// Keeps bytes of the current line as far as the limits allow, and in any case its beginning.
    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        if held.capacity == 0 { held.reserveCapacity(nodes.count == 1 ? 2048 : 256) }
        let allowed = min(headerLimit - lineMark, limits.fieldBytes - (lineMark - fieldMark))
        let room = max(allowed, Self.candidateLimit) - (held.writerIndex - lineMark)
        if bytes.count <= room {
            held.writeBytes(bytes)
        } else {
            if room > 0 { held.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[..<room])) }
            isLineCut = true
        }
    }

    /// Decides what the line that has just ended is. `terminator` is the length of its line end, 0 at the message's end.
    mutating func headerLine(terminator length: Int) {
        let kind = held.withUnsafeReadableBytes { bytes in
            HeaderLine.classify(UnsafeRawBufferPointer(rebasing: bytes[lineMark...]), isFirst: isFirstLine)
        }
        let feeds = length > 0 ? 1 : 0
        switch kind {
        case .blank:
            dropLine()
            lines += feeds
            endHeader(at: offset)
        case .continuation:
            lines += feeds
            keepLine(isContinuation: true)
        case .field, .other:
            if !boundaries.isEmpty, let match = heldBoundary() {
                interruptHeader()
                terminator = 0
                delimiter(match, at: lineOffset, to: offset)
                lines += feeds
                return
            }
            guard kind == .other else {
                lines += feeds
                keepLine(isContinuation: false)
                return
            }
            // RFC 5322 §2.1 ends a header with a blank line. Without one, the body begins where no field can be read; the
            // line may be a delimiter of the very multipart that this header has opened.
            let line = isLineCut ? ByteBuffer() : held.piece(lineMark..<held.writerIndex)
            interruptHeader()
            if let match = line.withUnsafeReadableBytes({ boundary($0) }) {
                terminator = 0
                delimiter(match, at: lineOffset, to: offset)
            } else if length > 0 {
                terminator = length
            } else {
                isAtLineStart = false
            }
            lines += feeds
        }
    }

    private func heldBoundary() -> BoundaryMatch? {
        guard !isLineCut else { return nil }
        return held.withUnsafeReadableBytes { boundary(UnsafeRawBufferPointer(rebasing: $0[lineMark...])) }
    }

    /// Ends the header before the current line, and so the headers that would begin there.
    private mutating func interruptHeader() {
        let start = lineOffset
        dropLine()
        while isInHeader { endHeader(at: start) }
        lineOffset = start
    }

    private mutating func dropLine() {
        held.moveWriterIndex(to: lineMark)
    }

    /// The line belongs to the header: keeps what the limits allow of it.
    private mutating func keepLine(isContinuation: Bool) {
        if isContinuation {
            if isFieldDropped || lineMark - fieldMark >= limits.fieldBytes { drop() }
        } else {
            isFieldDropped = false
            if lineMark >= headerLimit, !isReserved() { drop() }
        }
        if isLineCut, !isFieldDropped {
            cutAtComma()
            isFieldDropped = true
            isTruncated = true
        }
        isFirstLine = false
        isLineCut = false
        lineMark = held.writerIndex
        lineOffset = offset

        func drop() {
            dropLine()
            isFieldDropped = true
            isTruncated = true
        }
    }

    /// Past the limit there is room for what tells the structure.
    private func isReserved() -> Bool {
        guard held.writerIndex <= headerLimit + headerLimit / 16 else { return false }
        return held.piece(lineMark..<min(lineMark + 8, held.writerIndex)).equalsIgnoringASCIICase("content-")
    }

    /// Ends a value that is too long behind its last whole element, so that no half address is told.
    private mutating func cutAtComma() {
        let end = held.writerIndex
        let comma = held.withUnsafeReadableBytes { bytes in
            bytes[max(lineMark, end - 1024)..<end].lastIndex(of: 0x2C)
        }
        if let comma { held.moveWriterIndex(to: comma) }
        held.writeInteger(ASCII.lf)
    }

    /// The header of the innermost part is complete: what is the part, and what comes next?
    mutating func endHeader(at end: Int) {
        let index = open[open.count - 1]
        let parent = nodes[index].parent
        let isMessage = parent < 0 || !nodes[parent].isMultipart
        let fields = PartFields(held, asMessage: isMessage)
        keptBytes += held.writerIndex
        startHeader(at: end)
        isInHeader = false
        isAtLineStart = true
        terminator = 0
        previous = 0

        if isMessage {
            var message = fields.message
            message.complete()
            if parent < 0 {
                envelope = message.envelope
                references = message.references
            } else {
                nodes[parent].part.envelope = message.envelope
            }
        }
        nodes[index].part.headerRange = nodes[index].part.headerRange.lowerBound..<end
        nodes[index].bodyStart = end
        nodes[index].linesAtStart = lines
        describe(index, fields)
    }

    /// Fills in the part and opens it if it has an inside.
    private mutating func describe(_ index: Int, _ fields: PartFields) {
        var part = nodes[index].part
        part.contentID = fields.contentID
        part.contentDescription = fields.contentDescription
        part.transferEncoding = fields.transferEncoding ?? .sevenBit
        part.md5 = fields.md5
        part.disposition = fields.disposition
        part.languages = fields.languages
        part.location = fields.location
        part.parameters = fields.parameters
        if let type = fields.mediaType {
            part.mediaType = type
            part.subtype = fields.subtype
        } else if !fields.hasContentType, isInDigest(index) {
            // RFC 2046 §5.1.5: the default in a digest.
            part.mediaType = "message"
            part.subtype = "rfc822"
        }
        let hasRoom = open.count <= limits.depth && nodes.count < limits.parts
        var opensMessage = false
        if part.mediaType == "multipart" {
            if let delimiter = delimiterText(part) {
                if hasRoom {
                    nodes[index].isMultipart = true
                    boundaries.append(Boundary(node: index, bytes: delimiter))
                } else {
                    leaf(&part)
                }
            } else {
                // RFC 2045 §5.2: a Content-Type that cannot be valid means text/plain.
                part.becomeText()
            }
        } else if part.mediaType == "message", part.subtype == "rfc822" || part.subtype == "global" {
            // RFC 2046 §5.2.1: only the identity encodings are allowed here; nothing can be seen through others.
            if !hasRoom {
                leaf(&part)
            } else if part.transferEncoding.isIdentity {
                opensMessage = true
            }
        }
        nodes[index].part = part
        if opensMessage { beginPart(of: index, at: nodes[index].bodyStart) }
    }

    private mutating func leaf(_ part: inout MIMEPart) {
        part.mediaType = "application"
        part.subtype = "octet-stream"
        part.parameters = []
        isTruncated = true
    }

    private func isInDigest(_ index: Int) -> Bool {
        let parent = nodes[index].parent
        return parent >= 0 && nodes[parent].isMultipart && nodes[parent].part.subtype == "digest"
    }

    /// The boundary parameter without the blanks that cannot end one (RFC 2046 §5.1.1).
    private func delimiterText(_ part: MIMEPart) -> [UInt8]? {
        let plain = part.parameters.first { $0.name == "boundary" }
        guard
            var text = plain.map({ Array($0.value.readableBytesView) })
                ?? part.parameter("boundary").map({ Array($0.utf8) })
        else { return nil }
        while let last = text.last, last.isFoldingSpace { text.removeLast() }
        return text.isEmpty || text.count > Self.candidateLimit / 2 ? nil : text
    }
}

extension MIMEPart {
    /// A multipart that has no parts is shown as the text that it is.
    mutating func becomeText() {
        mediaType = "text"
        subtype = "plain"
        parameters = []
        children = []
    }
}
