import Bytes

/// The client's first message, taken apart (RFC 5802 §7, client-first-message).
struct SCRAMClientFirst: Hashable, Sendable {
    /// What the client thinks of channel binding (RFC 5802 §7, gs2-cbind-flag).
    enum BindingFlag: Hashable, Sendable {
        case unsupported
        case supportedByClientOnly
        case used(name: String)
    }

    let bindingFlag: BindingFlag
    /// The bytes up to the second comma, which the last message must repeat.
    let header: [UInt8]
    /// The rest, as received: part of what is signed.
    let bare: [UInt8]
    let nonce: [UInt8]
    let identity: SASLIdentity
    /// Filled in when the channel has the binding the client named.
    var bindingData: [UInt8] = []

    static func parse(_ message: [UInt8]) -> Result<SCRAMClientFirst, SASLFailure> {
        let fields = message.split(separator: comma, omittingEmptySubsequences: false)
        guard fields.count >= 4, let flag = bindingFlag(fields[0]) else { return .failure(.malformed) }

        var authorization: String?
        if !fields[1].isEmpty {
            guard let name = attribute("a", fields[1]) else { return .failure(.malformed) }
            guard let name = saslName(name) else { return .failure(.invalidCredentialText) }
            authorization = name
        }
        // RFC 5802 §5.1: the presence of m MUST cause authentication failure.
        guard attribute("m", fields[2]) == nil else { return .failure(.extensionNotSupported) }
        guard let user = attribute("n", fields[2]), let nonce = attribute("r", fields[3]),
            !nonce.isEmpty, nonce.allSatisfy({ $0 > ASCII.space && $0 < 0x7F })
        else { return .failure(.malformed) }
        guard fields[4...].allSatisfy(isExtension) else { return .failure(.malformed) }
        guard let name = saslName(user) else { return .failure(.invalidCredentialText) }

        let start = fields[2].startIndex
        return .success(
            SCRAMClientFirst(
                bindingFlag: flag, header: Array(message[..<start]), bare: Array(message[start...]),
                nonce: Array(nonce),
                identity: SASLIdentity(authenticationID: name, authorizationID: authorization)))
    }

    static let comma: UInt8 = 0x2C

    /// The value of `field` if it is the attribute `letter`.
    static func attribute(_ letter: Unicode.Scalar, _ field: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard field.count >= 2, field.first == UInt8(ascii: letter), field[field.startIndex + 1] == ASCII.equals else {
            return nil
        }
        return field.dropFirst(2)
    }

    /// An attribute that must be ignored if it is not known: a letter, `=`, a value (RFC 5802 §7, attr-val).
    static func isExtension(_ field: ArraySlice<UInt8>) -> Bool {
        field.count >= 3 && field[field.startIndex].isASCIILetter && field[field.startIndex + 1] == ASCII.equals
            && !field.contains(0)
    }

    private static func bindingFlag(_ field: ArraySlice<UInt8>) -> BindingFlag? {
        if field.elementsEqual("n".utf8) { return .unsupported }
        if field.elementsEqual("y".utf8) { return .supportedByClientOnly }
        guard let name = attribute("p", field), !name.isEmpty,
            name.allSatisfy({ $0.isASCIIAlphanumeric || $0 == ASCII.dot || $0 == ASCII.hyphen })
        else { return nil }
        return .used(name: String(decoding: name, as: UTF8.self))
    }

    /// A name without its `=2C` and `=3D`, prepared; nil for any other `=` (RFC 5802 §5.1), bad text and nothing.
    private static func saslName(_ field: ArraySlice<UInt8>) -> String? {
        var plain: [UInt8] = []
        var index = field.startIndex
        while index < field.endIndex {
            if field[index] == ASCII.equals {
                let escape = field[index...].prefix(3)
                if escape.elementsEqual("=2C".utf8) {
                    plain.append(comma)
                } else if escape.elementsEqual("=3D".utf8) {
                    plain.append(ASCII.equals)
                } else {
                    return nil
                }
                index += 3
            } else {
                plain.append(field[index])
                index += 1
            }
        }
        guard let name = SASLPrep.text(plain), !name.isEmpty else { return nil }
        return name
    }
}
