import ArgumentParser
import MailServer

struct Domain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The domains that are served here.",
        discussion: "Mail for their addresses is delivered here; mail for any other domain is sent on.",
        subcommands: [Add.self, List.self, Show.self, Set.self, Remove.self])

    static func text(_ domain: DomainView) -> String {
        var lines = ["\(domain.name)\(domain.name == domain.asciiName ? "" : " (\(domain.asciiName))")"]
        lines.append("  catch-all:    \(domain.catchAll ?? "none")")
        lines.append("  subaddresses: \(domain.subaddressSeparator.map { "user\($0)tag" } ?? "off")")
        lines.append("  since:        \(domain.created)")
        return lines.joined(separator: "\n")
    }

    static func printer(json: Bool) -> any Printer { json ? JSONPrinter() : TextPrinter<DomainView> { text($0) } }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Serve a domain.")
        @Argument(help: "The domain, in Unicode or ASCII form.") var name: String
        @OptionGroup var node: NodeOptions
        @OptionGroup var output: OutputOptions

        func run() async throws { try await node.perform([.domainAdd(name: name)], printer(json: output.json)) }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the domains.")
        @OptionGroup var node: NodeOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let table = TablePrinter<DomainView>(
                ["DOMAIN", "CATCH-ALL", "SINCE"], empty: "No domains yet; `martlet domain add NAME` adds one."
            ) { [$0.name, $0.catchAll ?? "-", $0.created] }
            try await node.perform([.domainList], output.json ? JSONPrinter() : table)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a domain.")
        @Argument(help: "The domain.") var name: String
        @OptionGroup var node: NodeOptions
        @OptionGroup var output: OutputOptions

        func run() async throws { try await node.perform([.domainShow(name: name)], printer(json: output.json)) }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Change a domain.")
        @Argument(help: "The domain.") var name: String
        @Option(
            help: ArgumentHelp("Who gets what no address of the domain does; empty for nobody.", valueName: "ADDRESS"))
        var catchAll: String?
        @Option(
            help: ArgumentHelp(
                "What stands between user and tag in user+tag; empty for no subaddresses.", valueName: "CHARACTER"))
        var subaddressSeparator: String?
        @OptionGroup var node: NodeOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let settings = AdministrationRequest.DomainSettings(
                catchAll: catchAll, subaddressSeparator: subaddressSeparator)
            try await node.perform([.domainSet(name: name, settings)], printer(json: output.json))
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop serving a domain.", discussion: "Refused while accounts, aliases or groups are in it.")
        @Argument(help: "The domain.") var name: String
        @OptionGroup var node: NodeOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await node.perform([.domainRemove(name: name)], Removal.printer(json: output.json))
        }
    }
}
