import IMAPWire
import MailModel
import NIOCore
import Testing

@Suite struct EncoderTests {
    private func written(_ write: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer()
        write(&buffer)
        return String(buffer: buffer)
    }

    @Test func strings() {
        #expect(written { $0.writeIMAPString("") } == "\"\"")
        #expect(written { $0.writeIMAPString("a b") } == "\"a b\"")
        #expect(written { $0.writeIMAPString(#"a"b\c"#) } == #""a\"b\\c""#)
        #expect(written { $0.writeIMAPString("a\r\nb") } == "{4}\r\na\r\nb")
        #expect(written { $0.writeIMAPString("é") } == "{2}\r\né")
        #expect(written { $0.writeIMAPString("a\0b") } == "\"a b\"")
        #expect(written { $0.writeIMAPNString(nil as String?) } == "NIL")
        #expect(written { $0.writeIMAPAString("INBOX]") } == "INBOX]")
        #expect(written { $0.writeIMAPAString("nil") } == "\"nil\"")
        #expect(written { $0.writeIMAPAString("a*") } == "\"a*\"")
        #expect(written { $0.writeIMAPLiteral8Header(byteCount: 7) } == "~{7}\r\n")
    }

    @Test func statusResponses() {
        #expect(written { $0.writeIMAPTagged("a1", .ok, "Done") } == "a1 OK Done\r\n")
        #expect(
            written { $0.writeIMAPTagged("a1", .no, "No such\r\nmailbox é", code: .tryCreate) }
                == "a1 NO [TRYCREATE] No such??mailbox ?\r\n")
        #expect(written { $0.writeIMAPUntagged(.bye, "") } == "* BYE -\r\n")
        #expect(written { $0.writeIMAPContinuation() } == "+ \r\n")
    }

    @Test func data() {
        #expect(written { $0.writeIMAPExists(23) } == "* 23 EXISTS\r\n")
        #expect(written { $0.writeIMAPExpunge(1) } == "* 1 EXPUNGE\r\n")
        #expect(
            written { $0.writeIMAPFlags([.seen, .answered], [.junk], isRecent: true) }
                == "(\\Recent \\Answered \\Seen $Junk)")
        #expect(written { $0.writeIMAPFlags([], []) } == "()")
        #expect(
            written { $0.writeIMAPList(MailboxName(path: "Entwürfe & mehr"), [.hasNoChildren]) }
                == "* LIST (\\HasNoChildren) \"/\" \"Entw&APw-rfe &- mehr\"\r\n")
        #expect(written { $0.writeIMAPList(.inbox, []) } == "* LIST () \"/\" INBOX\r\n")
        #expect(
            written { $0.writeIMAPStatusResponse(.inbox, [(.messages, 231), (.uidNext, 44292)]) }
                == "* STATUS INBOX (MESSAGES 231 UIDNEXT 44292)\r\n")
        #expect(written { $0.writeIMAPID([]) } == "* ID NIL\r\n")
        #expect(
            written { $0.writeIMAPQuota(root: "", [("STORAGE", 10, 512)]) } == "* QUOTA \"\" (STORAGE 10 512)\r\n")
    }

    @Test func dates() {
        let date = DateTime(
            CalendarDate(year: 1996, month: 7, day: 17)!, hour: 2, minute: 44, second: 25, zoneMinutes: -420)
        #expect(date.timestamp.seconds == 837_596_665)
        #expect(written { $0.writeIMAPDateTime(date) } == "\"17-Jul-1996 02:44:25 -0700\"")
        #expect(written { $0.writeIMAPDateTime(DateTime(Timestamp(seconds: 0))) } == "\" 1-Jan-1970 00:00:00 +0000\"")
        #expect(
            written { $0.writeIMAPDateTime(DateTime(Timestamp(seconds: -1), zoneMinutes: 330)) }
                == "\" 1-Jan-1970 05:29:59 +0530\"")
        _ = written { $0.writeIMAPDateTime(DateTime(Timestamp(rawValue: .max))) }
        _ = written { $0.writeIMAPDateTime(DateTime(Timestamp(rawValue: .min))) }
        for day in stride(from: -719_528, through: 2_932_896, by: 97) {
            let date = CalendarDate(dayNumber: day)
            #expect(date.dayNumber == day)
            #expect(CalendarDate(year: date.year, month: date.month, day: date.day) == date)
        }
    }

    @Test func searches() {
        let result = SearchResult(numbers: [2, 3, 4, 84, 882])
        #expect(written { $0.writeIMAPSearch(result) } == "* SEARCH 2 3 4 84 882\r\n")
        #expect(written { $0.writeIMAPSearch(SearchResult(numbers: [])) } == "* SEARCH\r\n")
        #expect(
            written {
                $0.writeIMAPSearch(SearchResult(numbers: [2, 5], highestModSequence: ChangeNumber(917_162_500)))
            } == "* SEARCH 2 5 (MODSEQ 917162500)\r\n")
        #expect(
            written {
                $0.writeIMAPExtendedSearch(result, tag: "A283", isUID: true, returns: [.min, .max, .all, .count])
            }
                == "* ESEARCH (TAG \"A283\") UID MIN 2 MAX 882 ALL 2:4,84,882 COUNT 5\r\n")
        #expect(
            written {
                $0.writeIMAPExtendedSearch(SearchResult(numbers: []), tag: "a", isUID: false, returns: [.all, .count])
            }
                == "* ESEARCH (TAG \"a\") COUNT 0\r\n")
    }

    @Test func responseCodes() {
        #expect(
            ResponseCode.copyUID(38505, from: NumberSet([304, 319, 320]), to: NumberSet([3956, 3957, 3958])).text
                == "COPYUID 38505 304,319:320 3956:3958")
        #expect(
            ResponseCode.permanentFlags([.deleted], [.junk], mayCreate: true).text
                == "PERMANENTFLAGS (\\Deleted $Junk \\*)")
    }
}
