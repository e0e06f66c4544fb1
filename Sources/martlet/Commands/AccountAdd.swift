import ArgumentParser
import Foundation
import MailServer

struct AccountAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add an account, or many from a file.",
        discussion: """
            The password is asked for on a terminal, or read from the first line of standard input with --password-stdin.
            It never appears on the command line, where other users could see it.

            With --from, each line of FILE (- for standard input) is a JSON object
              {"address":"a@example.org","password":"…","name":"…","quota":1000000000,"aliases":["b@example.org"]}
            with "passwordHash" in place of "password" for a ready hash ($argon2id$, SCRAM-SHA-256$, $2y$, $5$, $6$, $y$).
            One result is printed per line, in order; a bad line stops nothing; running it again is harmless.
            """)

    @Argument(help: "The new account's address.") var address: String?
    @Option(help: "The owner's name, as people read it.") var name: String?
    @Option(help: ArgumentHelp("The most its mail may take, such as 5GB; none if not given.", valueName: "BYTES"))
    var quota: ByteCount?
    @Option(help: ArgumentHelp("Another address of the account; repeatable.", valueName: "ADDRESS")) var alias:
        [String] = []
    @Flag(help: "Read the password from the first line of standard input.") var passwordStdin = false
    @Option(help: ArgumentHelp("Read accounts from a file of JSON lines.", valueName: "FILE")) var from: String?
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (address == nil) != (from == nil) else {
            throw ValidationError("Give an ADDRESS or --from FILE, one of the two.")
        }
    }

    func run() async throws {
        if let from {
            try await importFile(from)
        } else if let address {
            let password = try PasswordInput.read(fromStandardInput: passwordStdin)
            let account = AdministrationRequest.AccountToAdd(
                address: address, password: password, name: name, quota: quota?.bytes, aliases: alias)
            try await node.perform([.accountAdd(account)], Account.printer(json: output.json))
        }
    }

    private func importFile(_ path: String) async throws {
        guard let text = String(data: try InputFile.read(path), encoding: .utf8) else {
            throw AdministrationFailure(
                error: "unreadable", message: "\(path) is not UTF-8 text", remedy: "convert it, or name another file")
        }
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { String($0) }
        let total = lines.count { !$0.allSatisfy(\.isWhitespace) }
        let printer = ImportPrinter(total: total, json: output.json)
        let batches = stride(from: 0, to: lines.count, by: 128).map {
            AdministrationRequest.accountImport(lines: Array(lines[$0..<min($0 + 128, lines.count)]), firstLine: $0 + 1)
        }
        try await node.perform(batches, printer)
    }
}
