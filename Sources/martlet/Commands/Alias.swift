import ArgumentParser
import MailServer

struct Alias: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Addresses that lead to accounts or to other addresses.",
        subcommands: [Add.self, List.self, Remove.self])

    static func printer(json: Bool) -> any Printer {
        json
            ? JSONPrinter()
            : TextPrinter<AliasView> {
                "\($0.address) → \($0.targets.joined(separator: ", "))\($0.group ? " (group)" : "")"
            }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add an alias, or replace its targets.",
            discussion:
                "The owner of a target account here may send as the alias. For mail to several people, use `martlet group`."
        )
        @Argument(help: "The alias.") var address: String
        @Argument(help: "Where its mail goes: addresses here or elsewhere.") var targets: [String]
        @OptionGroup var node: NodeOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let request = AdministrationRequest.aliasAdd(address: address, targets: targets, isGroup: false)
            try await node.perform([request], printer(json: output.json))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List aliases and groups.")
        @Option(help: ArgumentHelp("Only those that lead to this address.", valueName: "ADDRESS")) var to: String?
        @OptionGroup var node: NodeOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let table = TablePrinter<AliasView>(["ADDRESS", "KIND", "TARGETS"], empty: "No aliases or groups.") {
                [$0.address, $0.group ? "group" : "alias", $0.targets.joined(separator: ", ")]
            }
            try await node.perform([.aliasList(target: to)], output.json ? JSONPrinter() : table)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove an alias or group.")
        @Argument(help: "The alias or group.") var address: String
        @OptionGroup var node: NodeOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await node.perform([.aliasRemove(address: address)], Removal.printer(json: output.json))
        }
    }
}
