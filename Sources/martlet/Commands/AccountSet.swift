import ArgumentParser
import MailServer

struct AccountSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change an account.",
        discussion: "What is not named stays. A new password ends the sessions that used the old one.")

    @Argument(help: "The account's address.") var address: String
    @Option(help: "The owner's name.") var name: String?
    @Option(help: ArgumentHelp("The most its mail may take, such as 5GB; 0 for no limit.", valueName: "BYTES"))
    var quota: ByteCount?
    @Flag(help: "Set the password from the first line of standard input.") var passwordStdin = false
    @Flag(help: "Ask for a new password on the terminal.") var password = false
    @Option(
        help: ArgumentHelp(
            "Protocols it may use, separated by commas: submission, imap, pop3, http.", valueName: "LIST"))
    var protocols: String?
    @Option(
        help: ArgumentHelp(
            "Networks it may log in from, such as 192.0.2.0/24,2001:db8::/32; empty for any.", valueName: "LIST"))
    var networks: String?
    @Option(
        help: ArgumentHelp(
            "What becomes of mail that POP3 has retrieved: leave (the client decides), delete, or a number of days.",
            valueName: "POLICY"))
    var pop3: String?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        var secret: String?
        if passwordStdin || password { secret = try PasswordInput.read(fromStandardInput: passwordStdin) }
        func list(_ text: String?) -> [String]? { text.map { $0.split(separator: ",").map(String.init) } }
        let settings = AdministrationRequest.AccountSettings(
            name: name, quota: quota?.bytes, password: secret, protocols: list(protocols), networks: list(networks),
            pop3: pop3)
        try await node.perform([.accountSet(address: address, settings)], Account.printer(json: output.json))
    }
}
