import ArgumentParser
import MailServer

struct Account: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The accounts: who has mail here.",
        subcommands: [
            AccountAdd.self, AccountList.self, AccountShow.self, AccountSet.self, AccountDisable.self,
            AccountEnable.self,
            AccountRemove.self,
        ])

    static func text(_ account: AccountView) -> String {
        var lines = [
            "\(account.address)\(account.name.isEmpty ? "" : " (\(account.name))")\(account.enabled ? "" : ", disabled")"
        ]
        if let used = account.used {
            let limit = account.quota.map { " of \(Sizes.text($0))" } ?? ", no quota"
            lines.append("  mail:      \(account.messages ?? 0) messages, \(Sizes.text(used))\(limit)")
        }
        lines.append("  protocols: \(account.protocols.joined(separator: ", "))")
        if !account.networks.isEmpty { lines.append("  from:      \(account.networks.joined(separator: ", "))") }
        lines.append("  POP3:      \(account.pop3)")
        if let aliases = account.aliases, !aliases.isEmpty {
            lines.append("  aliases:   \(aliases.joined(separator: ", "))")
        }
        lines.append("  since:     \(account.created)")
        return lines.joined(separator: "\n")
    }

    static func printer(json: Bool) -> any Printer { json ? JSONPrinter() : TextPrinter<AccountView> { text($0) } }
}

struct AccountList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the accounts.")
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let table = TablePrinter<AccountView>(
            ["ADDRESS", "NAME", "STATE", "QUOTA"], empty: "No accounts yet; `martlet account add ADDRESS` adds one."
        ) { [$0.address, $0.name, $0.enabled ? "enabled" : "disabled", $0.quota.map { Sizes.text($0) } ?? "-"] }
        try await node.perform([.accountList], output.json ? JSONPrinter() : table)
    }
}

struct AccountShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show an account with its usage.")
    @Argument(help: "The account's address.") var address: String
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await node.perform([.accountShow(address: address)], Account.printer(json: output.json))
    }
}

struct AccountDisable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Bar an account; its live sessions end and its mail stays.")
    @Argument(help: "The account's address.") var address: String
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await node.perform([.accountEnable(address: address, false)], Account.printer(json: output.json))
    }
}

struct AccountEnable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "enable", abstract: "Let a disabled account in again.")
    @Argument(help: "The account's address.") var address: String
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await node.perform([.accountEnable(address: address, true)], Account.printer(json: output.json))
    }
}

struct AccountRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove an account with all its mail.",
        discussion: "Its aliases that lead to nobody else go too. This cannot be undone.")
    @Argument(help: "The account's address.") var address: String
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await node.perform([.accountRemove(address: address)], Removal.printer(json: output.json))
    }
}
