import MailServer
import Testing

@Suite struct RequestPrivacyTests {
    @Test func requestsAndOptionsShowNoPassword() {
        let account = AdministrationRequest.AccountToAdd(
            address: "ada@example.test", password: "hunter2", passwordHash: "hunter2")
        let settings = AdministrationRequest.AccountSettings(password: "hunter2")
        let demo = DemoOptions(
            directory: nil, address: "127.0.0.1", portOffset: 0, accounts: 0, password: "hunter2",
            plaintextAuthentication: false, resolver: nil, overrides: ["s3.secret=hunter2"])
        let values: [Any] = [
            account, settings, demo, AdministrationRequest.accountAdd(account),
            AdministrationRequest.accountSet(address: "ada@example.test", settings),
            AdministrationRequest.accountImport(lines: ["{\"password\":\"hunter2\"}"], firstLine: 1),
        ]
        for value in values {
            var text = "\(value)" + String(reflecting: value)
            dump(value, to: &text)
            #expect(!text.contains("hunter2"), "\(text)")
        }
    }
}
