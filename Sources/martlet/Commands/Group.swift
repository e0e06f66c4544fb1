import ArgumentParser
import MailServer

struct Group: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Addresses that stand for several people.",
        discussion: "Members may be groups again. `martlet alias list` lists groups too.",
        subcommands: [Set.self, Remove.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a group, or replace its members.")
        @Argument(help: "The group's address.") var address: String
        @Argument(help: "Its members: addresses here or elsewhere.") var members: [String]
        @OptionGroup var node: NodeOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let request = AdministrationRequest.aliasAdd(address: address, targets: members, isGroup: true)
            try await node.perform([request], Alias.printer(json: output.json))
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a group.")
        @Argument(help: "The group's address.") var address: String
        @OptionGroup var node: NodeOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await node.perform([.aliasRemove(address: address)], Removal.printer(json: output.json))
        }
    }
}
