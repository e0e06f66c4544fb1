import Bytes
import CBytes
import Glibc

/// Text in the charsets of mail, to UTF-8.
package enum Charset {
    /// `bytes` read in the charset that `label` names. Never fails: bytes that mean nothing there become U+FFFD, and under an
    /// unknown label everything that is not UTF-8 does.
    package static func decode(_ bytes: some Collection<UInt8>, label: String) -> String {
        let text = bytes.withContiguousStorageIfAvailable { decode(UnsafeRawBufferPointer($0), label: label) }
        return text ?? Array(bytes).withUnsafeBytes { decode($0, label: label) }
    }

    package static func decode(_ bytes: UnsafeRawBufferPointer, label: String) -> String {
        let name = canonical(label)
        switch name {
        case "utf-8", "us-ascii": return String(decoding: bytes, as: UTF8.self)
        case "iso-8859-1": return latin1(bytes)
        case nil: return String(decoding: bytes, as: UTF8.self)
        default: break
        }
        // A C library that is installed in part may know the plain name only.
        guard let name,
            let converted = convert(bytes, from: name) ?? plainName(label).flatMap({ convert(bytes, from: $0) })
        else { return String(decoding: bytes, as: UTF8.self) }
        return converted
    }

    /// The name that iconv knows, lower-case; nil for what cannot be a charset. A slash would reach iconv's own options.
    static func canonical(_ label: String) -> String? {
        plainName(label).map { aliases[$0] ?? $0 }
    }

    private static func plainName(_ label: String) -> String? {
        let trimmed = label.utf8.filter { $0 > 0x20 && $0 != 0x22 && $0 != 0x27 }
        guard !trimmed.isEmpty, trimmed.count <= 64,
            trimmed.allSatisfy({
                $0.isASCIIAlphanumeric || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E || $0 == 0x3A || $0 == 0x2B
            })
        else { return nil }
        return String(decoding: trimmed.map(\.asciiLowercased), as: UTF8.self)
    }

    /// Labels seen in mail that iconv does not know, or takes for a smaller set than their writers mean.
    private static let aliases: [String: String] = [
        "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8", "utf-8-mac": "utf-8", "x-unknown": "utf-8",
        "unknown-8bit": "utf-8",
        "ascii": "us-ascii", "ansi_x3.4-1968": "us-ascii", "iso-ir-6": "us-ascii", "iso646-us": "us-ascii",
        "us": "us-ascii", "cp367": "us-ascii", "7bit": "us-ascii", "8bit": "utf-8", "default": "utf-8",
        "latin1": "iso-8859-1", "latin-1": "iso-8859-1", "iso8859-1": "iso-8859-1", "iso_8859-1": "iso-8859-1",
        "iso88591": "iso-8859-1", "l1": "iso-8859-1", "cp819": "iso-8859-1",
        "iso-8859-1-windows-3.1-latin-1": "iso-8859-1",
        "iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8", "iso-8859-6-i": "iso-8859-6",
        "iso-8859-6-e": "iso-8859-6",
        "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
        "ks_c_5601-1987": "cp949", "ks_c_5601-1989": "cp949", "euc-kr": "cp949", "ksc5601": "cp949", "korean": "cp949",
        "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "sjis": "cp932", "ms_kanji": "cp932",
        "windows-31j": "cp932",
        "iso-2022-jp": "iso-2022-jp-3", "x-euc-jp": "euc-jp", "x-big5": "big5", "big5": "cp950",
        "unicode-1-1-utf-7": "utf-7",
        "x-utf-7": "utf-7", "macroman": "macintosh", "x-mac-roman": "macintosh", "x-mac-cyrillic": "mac-cyrillic",
        "x-windows-1252": "windows-1252", "cp-850": "cp850", "cp-437": "cp437", "x-viet-vps": "viscii",
    ]

    /// Latin-1, its unused controls read as Windows-1252, whose text often carries the label.
    private static func latin1(_ bytes: UnsafeRawBufferPointer) -> String {
        guard bytes.contains(where: { $0 >= 0x80 }) else { return String(decoding: bytes, as: UTF8.self) }
        var output = ""
        output.reserveCapacity(bytes.count + bytes.count / 4)
        for byte in bytes {
            let value = byte >= 0x80 && byte < 0xA0 ? windows1252[Int(byte - 0x80)] : UInt16(byte)
            output.unicodeScalars.append(Unicode.Scalar(value) ?? "\u{FFFD}")
        }
        return output
    }

    private static let windows1252: [UInt16] = [
        0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD,
        0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
        0x0153, 0xFFFD, 0x017E, 0x0178,
    ]

    /// Through iconv; nil if it does not know the charset.
    private static func convert(_ bytes: UnsafeRawBufferPointer, from name: String) -> String? {
        guard let descriptor = iconv_open("UTF-8", name), descriptor != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(descriptor) }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + bytes.count / 2 + 16)
        var input = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        var inputLeft = bytes.count
        var isFlushing = false
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { window in
            while true {
                var target = window.baseAddress
                var targetLeft = window.count
                let result =
                    isFlushing
                    ? cbytes_iconv(descriptor, nil, nil, &target, &targetLeft)
                    : cbytes_iconv(descriptor, &input, &inputLeft, &target, &targetLeft)
                let failure = errno
                output.append(
                    contentsOf: UnsafeRawBufferPointer(
                        rebasing: UnsafeRawBufferPointer(window)[..<(window.count - targetLeft)]))
                if result != -1 {
                    if isFlushing { break }
                    isFlushing = true
                } else if failure != E2BIG {
                    // EILSEQ: skip a byte. EINVAL: the text ends within a character.
                    guard !isFlushing else { break }
                    output.append(contentsOf: [0xEF, 0xBF, 0xBD])
                    if failure == EINVAL || inputLeft <= 1 {
                        isFlushing = true
                    } else {
                        input = input.map { $0 + 1 }
                        inputLeft -= 1
                    }
                }
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
