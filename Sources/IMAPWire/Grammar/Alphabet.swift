import Bytes

/// The character classes of RFC 9051 §9.
extension UInt8 {
    /// ATOM-CHAR: anything but controls, 8-bit and atom-specials.
    package var isIMAPAtom: Bool {
        switch self {
        case 0x00...0x20, 0x7F...0xFF: false
        case ASCII.leftParenthesis, ASCII.rightParenthesis, ASCII.leftBrace, ASCII.percent, ASCII.asterisk,
            ASCII.doubleQuote, ASCII.backslash, ASCII.rightBracket:
            false
        default: true
        }
    }

    /// ASTRING-CHAR: ATOM-CHAR or `]`.
    package var isIMAPAtomOrBracket: Bool { isIMAPAtom || self == ASCII.rightBracket }

    /// list-char: what a LIST pattern may be made of without quotes.
    package var isIMAPListCharacter: Bool {
        isIMAPAtomOrBracket || self == ASCII.percent || self == ASCII.asterisk
    }

    /// A character of a tag: ASTRING-CHAR but `+`.
    package var isIMAPTag: Bool { isIMAPAtomOrBracket && self != ASCII.plus }
}
