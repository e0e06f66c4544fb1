import Bytes
import NIOCore

/// `SP keyword [= value]` after a path (RFC 5321 §4.1.2, esmtp-param).
struct ParameterParser {
    /// One parameter: its keyword in capitals, and its value if there is one.
    struct Parameter {
        let keyword: String
        let value: ByteBuffer?

        /// Throws unless the value is there and not empty.
        func requiredValue() throws(CommandError) -> ByteBuffer {
            guard let value, value.readableBytes > 0 else { throw .badParameter(keyword) }
            return value
        }
    }

    /// Reads all parameters to the end of the line; a repeated one is an error.
    static func parse(
        _ cursor: inout LineCursor, each: (Parameter) throws(CommandError) -> Void
    ) throws(CommandError) {
        var seen: [String] = []
        while !cursor.isAtEnd {
            guard let blank = cursor.next, blank.isASCIIBlank else { throw .syntax }
            cursor.skipBlanks()
            if cursor.isAtEnd { return }
            let keyword = cursor.take { $0.isASCIIAlphanumeric || $0 == ASCII.hyphen }
            guard keyword.readableBytes > 0, let text = keyword.validText?.uppercased() else { throw .syntax }
            guard !seen.contains(text) else { throw .badParameter(text) }
            seen.append(text)
            var value: ByteBuffer?
            if cursor.take(ASCII.equals) {
                // RFC 5321 §4.1.2: no control, no space, no "="; RFC 6531 §3.3 adds UTF-8. AUTH=<> and ORCPT values of
                // careless clients hold "=", which harms nobody.
                value = cursor.take { $0 > 0x20 && $0 != 0x7F }
            }
            try each(Parameter(keyword: text, value: value))
        }
    }
}

extension MailParameters {
    init(_ cursor: inout LineCursor) throws(CommandError) {
        self.init()
        var parameters = MailParameters()
        try ParameterParser.parse(&cursor) { (parameter) throws(CommandError) in
            try parameters.set(parameter)
        }
        self = parameters
    }

    private mutating func set(_ parameter: ParameterParser.Parameter) throws(CommandError) {
        switch parameter.keyword {
        case "SIZE":
            // RFC 1870 §6: up to 20 digits.
            let digits = try parameter.requiredValue()
            guard digits.readableBytes <= 20, let number = DecimalNumber.parse(digits) else {
                throw .badParameter("SIZE")
            }
            size = number
        case "BODY":
            guard let text = try parameter.requiredValue().validText, let type = BodyType(rawValue: text.uppercased())
            else { throw .badParameter("BODY") }
            body = type
        case "SMTPUTF8":
            // RFC 6531 §3.4: the parameter takes no value.
            guard parameter.value == nil else { throw .badParameter("SMTPUTF8") }
            isInternationalised = true
        case "RET":
            guard let text = try parameter.requiredValue().validText,
                let content = ReturnContent(rawValue: text.uppercased())
            else { throw .badParameter("RET") }
            returnContent = content
        case "ENVID":
            // RFC 3461 §4.4: at most 100 characters, printable once decoded.
            let value = try parameter.requiredValue()
            guard value.readableBytes <= 100, let bytes = Xtext.decode(value.readableBytesView),
                bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
            else { throw .badParameter("ENVID") }
            envelopeID = String(decoding: bytes, as: UTF8.self)
        case "AUTH":
            let value = try parameter.requiredValue()
            if value.equalsIgnoringASCIICase("<>") {
                submitter = .unknown
            } else {
                guard let bytes = Xtext.decode(value.readableBytesView),
                    let text = String(validating: bytes, as: UTF8.self)
                else { throw .badParameter("AUTH") }
                submitter = .mailbox(text)
            }
        default:
            throw .unknownParameter(parameter.keyword)
        }
    }
}

extension RecipientParameters {
    init(_ cursor: inout LineCursor) throws(CommandError) {
        self.init()
        var parameters = RecipientParameters()
        try ParameterParser.parse(&cursor) { (parameter) throws(CommandError) in
            try parameters.set(parameter)
        }
        self = parameters
    }

    private mutating func set(_ parameter: ParameterParser.Parameter) throws(CommandError) {
        switch parameter.keyword {
        case "NOTIFY":
            guard let text = try parameter.requiredValue().validText, let conditions = NotifyConditions(text) else {
                throw .badParameter("NOTIFY")
            }
            notify = conditions
        case "ORCPT":
            // RFC 3461 §4.2: at most 500 characters.
            let value = try parameter.requiredValue()
            guard value.readableBytes <= 500, let original = OriginalRecipient(value) else {
                throw .badParameter("ORCPT")
            }
            self.original = original
        default:
            throw .unknownParameter(parameter.keyword)
        }
    }
}

extension NotifyConditions {
    fileprivate init?(_ text: String) {
        let words = text.uppercased().split(separator: ",", omittingEmptySubsequences: false)
        // RFC 3461 §4.1: NEVER stands alone.
        if words == ["NEVER"] {
            self = .never
            return
        }
        var conditions = NotifyConditions()
        for word in words {
            switch word {
            case "SUCCESS": conditions.insert(.success)
            case "FAILURE": conditions.insert(.failure)
            case "DELAY": conditions.insert(.delay)
            default: return nil
            }
        }
        self = conditions
    }
}

extension OriginalRecipient {
    fileprivate init?(_ value: ByteBuffer) {
        guard let semicolon = value.distance(to: ASCII.semicolon), semicolon > 0,
            let type = value.getSlice(at: value.readerIndex, length: semicolon)?.validText,
            type.utf8.allSatisfy({ $0.isASCIIAlphanumeric || $0 == ASCII.hyphen || $0 == ASCII.dot }),
            let encoded = value.getSlice(
                at: value.readerIndex + semicolon + 1, length: value.readableBytes - semicolon - 1),
            encoded.readableBytes > 0
        else { return nil }
        if type.lowercased() == "utf-8" {
            guard let address = UTF8AddressXtext.decode(encoded.readableBytesView) else { return nil }
            self.init(type: "utf-8", address: address)
        } else {
            guard let bytes = Xtext.decode(encoded.readableBytesView),
                bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), let text = String(validating: bytes, as: UTF8.self)
            else { return nil }
            self.init(type: type.lowercased(), address: text)
        }
    }
}
