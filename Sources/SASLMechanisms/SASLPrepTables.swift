/// The code point tables of RFC 3454 that RFC 4013 names.
enum SASLPrepTables {
    /// Table B.1: commonly mapped to nothing. U+200B, which is in C.1.2 too, goes with these, as in other implementations.
    static func mapsToNothing(_ code: UInt32) -> Bool {
        switch code {
        case 0x00AD, 0x034F, 0x1806, 0x180B...0x180D, 0x200B...0x200D, 0x2060, 0xFE00...0xFE0F, 0xFEFF: true
        default: false
        }
    }

    /// Table C.1.2: non-ASCII space.
    static func isForeignSpace(_ code: UInt32) -> Bool {
        switch code {
        case 0x00A0, 0x1680, 0x2000...0x200B, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// RFC 4013 §2.3: tables C.1.2 and C.2.1 to C.9. (Surrogates, C.5, cannot be in a Swift string.)
    static func isProhibited(_ code: UInt32) -> Bool {
        if isForeignSpace(code) || code & 0xFFFE == 0xFFFE { return true }
        return switch code {
        // C.2.1 and C.2.2: control characters.
        case 0...0x1F, 0x7F...0x9F, 0x06DD, 0x070F, 0x180E, 0x200C, 0x200D, 0x2028, 0x2029, 0x2060...0x2063: true
        case 0x206A...0x206F, 0xFEFF, 0xFFF9...0xFFFC, 0x1D173...0x1D17A: true
        // C.3 and C.4: private use and noncharacters.
        case 0xE000...0xF8FF, 0xF0000...0xFFFFD, 0x100000...0x10FFFD, 0xFDD0...0xFDEF: true
        // C.6 and C.7: no plain text, no canonical form.
        case 0xFFFD, 0x2FF0...0x2FFB: true
        // C.8 and C.9: display properties, tags.
        case 0x0340, 0x0341, 0x200E, 0x200F, 0x202A...0x202E, 0xE0001, 0xE0020...0xE007F: true
        default: false
        }
    }
}
