import MailModel
import MessageFormat
import Testing

struct DateTests {
    @Test(arguments: [
        ("Tue, 1 Jul 2003 10:52:37 +0200", 1_057_049_557),
        ("Fri, 21 Nov 1997 09:55:06 -0600", 880_127_706),
        ("21 Nov 97 09:55:06 GMT", 880_106_106),
        ("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", 880_127_706),
        (
            "Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)",
            -27_723_480
        ),
        ("1 Jan 1970 00:00:00 -0000", 0),
        ("Tue Jul  1 10:52:37 2003", 1_057_056_757),
        ("Tue Jul  1 10:52:37 CEST 2003", 1_057_056_757),
        ("Tue Jul  1 10:52:37 2003 +0200", 1_057_049_557),
        ("01-Jul-2003 10:52:37 +0200", 1_057_049_557),
        ("2003-07-01T10:52:37Z", 1_057_056_757),
        ("1 July 2003 10:52", 1_057_056_720),
        ("1 Jul 103 10:52:37 EST", 1_057_074_757),
        ("29 Feb 2000 12:00:00 +0000", 951_825_600),
        ("31 Dec 1998 23:59:60 +0000", 915_148_800),
        ("1 Jul 2003 1:02:03 PM +0000", 1_057_064_523),
        ("1 Jul 2003 10:52:37 +2", 1_057_049_557),
        ("1 Jul 2003 10:52:37 +02:00", 1_057_049_557),
    ])
    func understood(_ text: String, _ seconds: Int64) {
        #expect(InternetDate.parse(text)?.seconds == seconds)
    }

    @Test(arguments: [
        "", "yesterday", "30 Feb 2003 10:00:00 +0000", "29 Feb 1900 10:00:00 +0000", "0 Jan 2003", "Jan 2003", "1 Jan",
        "99999999999999999999 Jan 2003 10:00", "1 Foo 2003 10:00:00",
    ])
    func refused(_ text: String) {
        #expect(InternetDate.parse(text) == nil)
    }

    @Test(arguments: [
        (0, 0, "Thu, 1 Jan 1970 00:00:00 +0000"), (1_057_049_557, 120, "Tue, 1 Jul 2003 10:52:37 +0200"),
        (-27_723_480, -210, "Thu, 13 Feb 1969 23:32:00 -0330"), (951_825_600, 0, "Tue, 29 Feb 2000 12:00:00 +0000"),
    ])
    func formatted(_ seconds: Int64, _ offset: Int, _ text: String) {
        #expect(InternetDate.format(Timestamp(seconds: seconds), offsetMinutes: offset) == text)
        #expect(InternetDate.parse(text)?.seconds == seconds)
    }

    @Test func everyDayGoesThereAndBack() {
        var seconds: Int64 = -2_208_988_800
        while seconds < 4_102_444_800 {
            #expect(InternetDate.parse(InternetDate.format(Timestamp(seconds: seconds)))?.seconds == seconds)
            seconds += 86_400 * 37 + 12_345
        }
    }
}
