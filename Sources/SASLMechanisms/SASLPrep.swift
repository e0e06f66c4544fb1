import CUnistring

/// Names and passwords in the form that both ends hash and compare (RFC 4013).
///
/// Unassigned code points are allowed everywhere (RFC 3454 calls such text a query), because "unassigned" means Unicode
/// 3.2 there: it would forbid every script and every emoji added since 2002.
package enum SASLPrep {
    /// The prepared form; nil where the profile prohibits the text. Preparing twice changes nothing.
    package static func prepare(_ text: String) -> String? {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        var mapped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where !SASLPrepTables.mapsToNothing(scalar.value) {
            mapped.append(SASLPrepTables.isForeignSpace(scalar.value) ? " " : scalar)
        }
        guard let normalised = compatiblyComposed(String(mapped)) else { return nil }
        let scalars = normalised.unicodeScalars
        guard !scalars.contains(where: { SASLPrepTables.isProhibited($0.value) }), isDirectionConsistent(scalars) else {
            return nil
        }
        return normalised
    }

    /// Prepared text from bytes that should be UTF-8.
    static func text(_ bytes: some Collection<UInt8>) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return prepare(text)
    }

    /// RFC 4013 §2.4: right-to-left text has no left-to-right letters, and begins and ends right-to-left.
    private static func isDirectionConsistent(_ scalars: String.UnicodeScalarView) -> Bool {
        let directions = scalars.map { unistring_direction($0.value) }
        guard directions.contains(2) else { return true }
        return !directions.contains(1) && directions.first == 2 && directions.last == 2
    }

    private static func compatiblyComposed(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { return "" }
        var length = 0
        guard let result = unistring_compatibly_composed(bytes, bytes.count, &length) else { return nil }
        defer { free(result) }
        return String(decoding: UnsafeBufferPointer(start: result, count: length), as: UTF8.self)
    }
}
