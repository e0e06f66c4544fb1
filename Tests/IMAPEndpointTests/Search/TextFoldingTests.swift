import IMAPWire
import Testing

/// What SEARCH takes for the same text.
@Suite struct TextFoldingTests {
    @Test(arguments: [
        ("ABC", "abc"), ("É", "é"), ("e\u{301}", "É"), ("Straße", "STRASSE"), ("ΟΔΟΣ", "οδος"), ("Οδός", "ΟΔΌΣ"),
        ("ПРИВЕТ", "привет"), ("ÅNGSTRÖM", "a\u{30A}ngstro\u{308}m"), ("한", "\u{1112}\u{1161}\u{11AB}"),
        ("x\u{301}\u{323}", "X\u{323}\u{301}"),
    ]) func same(left: String, right: String) async throws {
        #expect(try await Self.finds(left, in: right))
        #expect(try await Self.finds(right, in: left))
        #expect(try await Self.finds("a \(left) b", in: "long ascii text before a \(right) b and after it, too"))
    }

    @Test(arguments: [("e", "f"), ("é", "e"), ("ss", "sz"), ("ä", "ae"), ("日", "本")]) func different(
        left: String, right: String
    ) async throws {
        #expect(try await !Self.finds(left, in: right))
    }

    private static func finds(_ needle: String, in text: String) async throws -> Bool {
        // As the bytes of UTF-8 in a body.
        let body = text.utf8.reduce(into: "") { $0.unicodeScalars.append(Unicode.Scalar($1)) }
        let message = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n\(body)\n"
        return try await SearchFixture.matches(message, .body(contains: needle))
    }
}
