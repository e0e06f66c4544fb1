import IMAPWire
import MailModel
import Testing

@Suite struct SearchCommandTests {
    private func search(_ key: SearchKey, uid: Bool = false, returns: SearchReturn? = nil, charset: String? = nil)
        -> Command
    {
        .search(SearchCommand(isUID: uid, returns: returns, charset: charset, key: key))
    }

    @Test func keys() {
        expectCommand("SEARCH ALL", search(.all))
        expectCommand("UID SEARCH UNSEEN", search(.flag(.seen, isSet: false), uid: true))
        // RFC 9051 §6.4.4.
        expectCommand(
            #"SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith""#,
            search(
                .and([
                    .flag(.flagged, isSet: true), .day(.received, .since, CalendarDate(year: 1994, month: 2, day: 1)!),
                    .not(.header(field: "FROM", contains: "Smith")),
                ])))
        expectCommand(
            "SEARCH OR (1:3 NEW) NOT (LARGER 10 SMALLER 20) KEYWORD $Junk",
            search(
                .and([
                    .or(
                        .and([.sequence(.ranges([MessageRange(1, 3)])), .new]), .not(.and([.larger(10), .smaller(20)]))),
                    .keyword(.junk, isSet: true),
                ])))
        expectCommand(#"SEARCH HEADER Message-ID """#, search(.header(field: "Message-ID", contains: "")))
        expectCommand(
            #"SEARCH SENTON "10-dec-2001""#, search(.day(.sent, .on, CalendarDate(year: 2001, month: 12, day: 10)!)))
        expectCommand("SEARCH OLDER 3600 YOUNGER 7200", search(.and([.older(seconds: 3600), .younger(seconds: 7200)])))
        expectCommand("SEARCH UID 5:*", search(.uid(.ranges([MessageRange(5, 0)]))))
        expectCommand(#"SEARCH MODSEQ "/flags/\\draft" all 620162338"#, search(.modSequence(620_162_338)))
        expectCommand(#"SEARCH CHARSET utf-8 TEXT "é""#, search(.text(contains: "é"), charset: "UTF-8"))
        expectFailure("SEARCH", .missingArgument)
        expectFailure("SEARCH (ALL", .missingArgument)
        expectFailure("SEARCH XYZZY", .missingArgument)
        expectFailure("SEARCH XYZZY 5", .unknownSearchKey)
        expectFailure("SEARCH SINCE 30-Feb-2001", .invalidDate)
        expectFailure("SEARCH OLDER 0", .invalidNumber)
        expectFailure("SEARCH NOT", .missingArgument)
        expectFailure("SEARCH OR ALL", .missingArgument)
    }

    @Test func returnOptions() {
        expectCommand("SEARCH RETURN () ALL", search(.all, returns: .all))
        expectCommand("SEARCH RETURN (MIN COUNT) UNSEEN", search(.flag(.seen, isSet: false), returns: [.min, .count]))
        expectCommand(
            "UID SEARCH RETURN (MAX ALL) CHARSET US-ASCII ALL",
            search(.all, uid: true, returns: [.max, .all], charset: "US-ASCII"))
        expectFailure("SEARCH RETURN (XYZZY) ALL", .unknownOption)
    }

    @Test func depthAndNumberAreBounded() {
        let deep = String(repeating: "(", count: 60) + "ALL" + String(repeating: ")", count: 60)
        expectFailure("SEARCH \(deep)", .nestedTooDeeply)
        expectFailure("SEARCH " + String(repeating: "NOT ", count: 20_000 / 4) + "ALL", .nestedTooDeeply)
        expectFailure("SEARCH " + Array(repeating: "ALL", count: 1001).joined(separator: " "), .tooMany)
        let bearable = String(repeating: "(", count: 49) + "ALL" + String(repeating: ")", count: 49)
        expectCommand("SEARCH \(bearable)", search(.all))
    }
}
