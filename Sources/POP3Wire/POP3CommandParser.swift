import Bytes
import MailModel
package import NIOCore

/// Reads one command from one line.
package enum POP3CommandParser {
    /// `line` without its line end.
    package static func parse(_ line: ByteBuffer) -> Result<POP3Command, POP3SyntaxError> {
        let bytes = line.readableBytesView
        // RFC 2449 §3: VCHAR and spaces. UTF-8 is allowed in names and passwords only, and checked there.
        guard bytes.allSatisfy({ $0 >= ASCII.space && $0 != 0x7F }) else { return .failure(.badText) }
        let keywordEnd = bytes.firstIndex(of: ASCII.space) ?? bytes.endIndex
        guard let keyword = POP3CommandRule.keyword(bytes[..<keywordEnd]) else { return .failure(.unknownCommand) }
        let rest = keywordEnd < bytes.endIndex ? bytes[(keywordEnd + 1)...] : bytes[keywordEnd...]

        switch POP3CommandRule.rule(for: keyword).arguments {
        case .none:
            guard rest.allSatisfy({ $0 == ASCII.space }) else { return .failure(.unexpectedArgument) }
            return command(keyword, words: [])
        case .text:
            guard !rest.isEmpty else { return .failure(.missingArgument) }
            guard let text = String(validating: rest, as: UTF8.self) else { return .failure(.badText) }
            return .success(keyword == .user ? .user(text) : .pass(Secret(text)))
        case .words(let allowed):
            let words = rest.split(separator: ASCII.space)
            guard words.count >= allowed.lowerBound else { return .failure(.missingArgument) }
            guard words.count <= allowed.upperBound else { return .failure(.unexpectedArgument) }
            return command(keyword, words: words)
        }
    }

    private static func command(
        _ keyword: POP3Keyword, words: [ByteBufferView]
    ) -> Result<POP3Command, POP3SyntaxError> {
        switch keyword {
        case .auth: return auth(words)
        case .apop, .lang: return .success(.unsupported(keyword))
        case .stls: return .success(.stls)
        case .capa: return .success(.capa)
        case .utf8: return .success(.utf8)
        case .stat: return .success(.stat)
        case .rset: return .success(.rset)
        case .noop: return .success(.noop)
        case .quit: return .success(.quit)
        case .user, .pass: return .failure(.missingArgument)
        case .list, .uidl, .retr, .dele, .top: break
        }
        var numbers: [Int] = []
        for word in words {
            guard let number = number(word) else { return .failure(.badNumber) }
            numbers.append(number)
        }
        switch (keyword, numbers.first) {
        case (.list, let number): return .success(.list(number))
        case (.uidl, let number): return .success(.uidl(number))
        case (.retr, let number?): return .success(.retr(number))
        case (.dele, let number?): return .success(.dele(number))
        case (.top, let number?) where numbers.count == 2: return .success(.top(number, lines: numbers[1]))
        default: return .failure(.missingArgument)
        }
    }

    private static func auth(_ words: [ByteBufferView]) -> Result<POP3Command, POP3SyntaxError> {
        guard let name = words.first else { return .success(.auth(mechanism: nil, initialResponse: nil)) }
        let mechanism = String(decoding: name, as: UTF8.self)
        guard words.count == 2 else { return .success(.auth(mechanism: mechanism, initialResponse: nil)) }
        // RFC 5034 §4: a single "=" is an empty response.
        if words[1].elementsEqual([ASCII.equals]) {
            return .success(.auth(mechanism: mechanism, initialResponse: Secret([])))
        }
        guard let response = Base64.decode(words[1]) else { return .failure(.badBase64) }
        return .success(.auth(mechanism: mechanism, initialResponse: Secret(response)))
    }

    /// Digits only; a number too large for any mailbox is no number.
    private static func number(_ word: ByteBufferView) -> Int? {
        guard word.count <= 18, word.allSatisfy(\.isASCIIDigit) else { return nil }
        return word.reduce(0) { $0 &* 10 &+ Int($1 &- ASCII.zero) }
    }
}
