import Bytes
import MailModel

extension Cursor {
    /// SEARCH's arguments, behind the command (RFC 9051 §6.4.4).
    mutating func search(isUID: Bool) throws(SyntaxError) -> Command {
        try space()
        var command = SearchCommand(isUID: isUID, key: .all)
        if takeKeyword("RETURN") {
            try space()
            var options: SearchReturn = []
            try parenthesized(minimum: 0) { (cursor) throws(SyntaxError) in
                switch try cursor.keyword() {
                case "MIN": options.insert(.min)
                case "MAX": options.insert(.max)
                case "ALL": options.insert(.all)
                case "COUNT": options.insert(.count)
                case "SAVE": options.insert(.save)
                default: throw .unknownOption
                }
            }
            // RFC 4731 §3.1: no option means ALL.
            command.returns = options.isEmpty ? [.all] : options
            try space()
        }
        if takeKeyword("CHARSET") {
            try space()
            command.charset = String(decoding: try astring().map(\.asciiUppercased), as: UTF8.self)
            try space()
        }
        var count = 0
        command.key = try searchKeys(depth: 0, count: &count)
        return .search(command)
    }

    /// One or more keys side by side.
    private mutating func searchKeys(depth: Int, count: inout Int) throws(SyntaxError) -> SearchKey {
        var keys = [try searchKey(depth: depth, count: &count)]
        while take(ASCII.space) {
            if isAtEnd { break }
            keys.append(try searchKey(depth: depth, count: &count))
        }
        return keys.count == 1 ? keys[0] : .and(keys)
    }

    private mutating func searchKey(depth: Int, count: inout Int) throws(SyntaxError) -> SearchKey {
        count += 1
        guard depth < limits.depth else { throw .nestedTooDeeply }
        guard count <= limits.searchKeys else { throw .tooMany }
        if take(ASCII.leftParenthesis) {
            let key = try searchKeys(depth: depth + 1, count: &count)
            try require(ASCII.rightParenthesis)
            return key
        }
        if isAtMessageSet { return .sequence(try messageSet()) }
        let name = try keyword()
        switch name {
        case "NOT":
            try space()
            return .not(try searchKey(depth: depth + 1, count: &count))
        case "OR":
            try space()
            let left = try searchKey(depth: depth + 1, count: &count)
            try space()
            return .or(left, try searchKey(depth: depth + 1, count: &count))
        default:
            if let key = Self.plainKey(name) { return key }
            try space()
            return try keyWithArgument(name)
        }
    }

    private static func plainKey(_ name: String) -> SearchKey? {
        switch name {
        case "ALL": .all
        case "ANSWERED": .flag(.answered, isSet: true)
        case "DELETED": .flag(.deleted, isSet: true)
        case "DRAFT": .flag(.draft, isSet: true)
        case "FLAGGED": .flag(.flagged, isSet: true)
        case "SEEN": .flag(.seen, isSet: true)
        case "UNANSWERED": .flag(.answered, isSet: false)
        case "UNDELETED": .flag(.deleted, isSet: false)
        case "UNDRAFT": .flag(.draft, isSet: false)
        case "UNFLAGGED": .flag(.flagged, isSet: false)
        case "UNSEEN": .flag(.seen, isSet: false)
        case "RECENT": .recent
        case "OLD": .old
        case "NEW": .new
        default: nil
        }
    }

    private mutating func keyWithArgument(_ name: String) throws(SyntaxError) -> SearchKey {
        switch name {
        case "BCC", "CC", "FROM", "SUBJECT", "TO": .header(field: name, contains: try searchText())
        case "HEADER":
            .header(field: try text(), contains: try spaced { (cursor) throws(SyntaxError) in try cursor.searchText() })
        case "BODY": .body(contains: try searchText())
        case "TEXT": .text(contains: try searchText())
        case "KEYWORD": .keyword(try flagKeyword(), isSet: true)
        case "UNKEYWORD": .keyword(try flagKeyword(), isSet: false)
        case "BEFORE": .day(.received, .before, try date())
        case "ON": .day(.received, .on, try date())
        case "SINCE": .day(.received, .since, try date())
        case "SENTBEFORE": .day(.sent, .before, try date())
        case "SENTON": .day(.sent, .on, try date())
        case "SENTSINCE": .day(.sent, .since, try date())
        case "SAVEDBEFORE": .day(.saved, .before, try date())
        case "SAVEDON": .day(.saved, .on, try date())
        case "SAVEDSINCE": .day(.saved, .since, try date())
        case "LARGER": .larger(try number64())
        case "SMALLER": .smaller(try number64())
        case "OLDER": .older(seconds: try positiveNumber())
        case "YOUNGER": .younger(seconds: try positiveNumber())
        case "UID": .uid(try messageSet())
        case "MODSEQ": try modSequenceKey()
        case "EMAILID": .emailID(try text())
        case "THREADID": .threadID(try text())
        default: throw .unknownSearchKey
        }
    }

    /// `MODSEQ [entry-name entry-type] n` (RFC 7162 §3.1.5). Flags have one mod-sequence together here, so that the entry
    /// does not matter.
    private mutating func modSequenceKey() throws(SyntaxError) -> SearchKey {
        if next == ASCII.doubleQuote {
            _ = try string()
            try space()
            guard ["PRIV", "SHARED", "ALL"].contains(try keyword()) else { throw .invalidArgument }
            try space()
        }
        return .modSequence(try number64())
    }

    /// The text to look for. Bytes that are not UTF-8 are repaired: only then is the charset another, and refused.
    private mutating func searchText() throws(SyntaxError) -> String {
        String(decoding: try astring(), as: UTF8.self)
    }

    private mutating func spaced<Value>(
        _ read: (inout Cursor) throws(SyntaxError) -> Value
    ) throws(SyntaxError) -> Value {
        try space()
        return try read(&self)
    }
}
