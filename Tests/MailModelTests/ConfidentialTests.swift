import MailModel
import Testing

@Suite struct ConfidentialTests {
    private struct Login {
        let user = "ada"
        let password = Secret("hunter2")
        let answer: Secret<[UInt8]>? = Secret([104, 117, 110])
    }

    private static func dumped(_ value: some Any) -> String {
        var text = ""
        dump(value, to: &text)
        return text
    }

    @Test func printingShowsNothing() {
        let login = Login()
        for text in [
            "\(login)", String(reflecting: login), Self.dumped(login), "\(login.password)",
            String(describing: Optional(login)),
        ] {
            #expect(!text.contains("hunter2") && !text.contains("104"), "\(text)")
        }
        #expect("\(login)".contains("ada") && "\(login.password)" == "<redacted>")
        #expect(Mirror(reflecting: login.password).children.isEmpty)
    }

    @Test func comparingAndHashingDo() {
        #expect(Secret("a") == Secret("a") && Secret("a") != Secret("b"))
        #expect(Set([Secret("a"), Secret("a"), Secret("b")]).count == 2 && Secret("a").value == "a")
    }
}
