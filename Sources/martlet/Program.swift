import ArgumentParser
import Foundation
import MailServer

/// The command line: parses, calls MailServer, prints. Exit status: 0 it ran, 1 refused or not found or damage found,
/// 2 usage, 75 try again later.
@main
enum Program {
    static func main() async {
        ProcessProtection.begin()
        // `--password` of other commands is a flag.
        let isDemo = CommandLine.arguments.dropFirst().first == "demo"
        CommandLineSecrets.hide(options: isDemo ? ["--password"] : [])
        // A client that hangs up, or a pager that quits, must not kill the process.
        signal(SIGPIPE, SIG_IGN)
        let wantsJSON = CommandLine.arguments.contains("--json")
        do {
            var command = try Martlet.parseAsRoot()
            if let server = command as? any ServerCommand {
                // Nothing above awaits either.
                let program = try server.prepare()
                try await program.run()
            } else if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as AdministrationFailure {
            Output.report(failure, json: wantsJSON)
            exit(failure.isTransient ? 75 : 1)
        } catch let status as ExitCode {
            exit(status.rawValue)
        } catch {
            let status = Martlet.exitCode(for: error)
            let message = Martlet.fullMessage(for: error)
            if status == .success {
                print(message)
                exit(0)
            }
            if wantsJSON {
                Output.report(
                    AdministrationFailure(
                        error: "usage", message: Martlet.message(for: error),
                        remedy: "`martlet help` explains the command line"), json: true)
            } else {
                Output.writeError(message + "\n")
            }
            exit(status == .validationFailure ? 2 : 1)
        }
    }
}

struct Martlet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "A mail server in one program: SMTP, IMAP and POP3 over one store.",
        discussion: """
            To try it, run `martlet demo`: every protocol on loopback, with accounts and passwords ready to use.
            To serve mail, write a martlet.yaml, run `martlet serve`, then `martlet domain add` and `martlet account add`.

            Administrative commands talk to the server that runs on the data folder, or work on the files when none does.
            With --json they print one object for a thing and one object per line for a list.

            EXIT STATUS
              0   it ran, whatever the verdict
              1   refused, not found, or damage found
              2   the command line is not understood
              75  not possible now; try again later

            FILES
              DIRECTORY               all data: index, content, certificates made here, the local socket
              DIRECTORY/martlet.yaml  the configuration, unless --config names another file

            ENVIRONMENT
              MARTLET_DIRECTORY       the data folder where --directory is not given

            Shell completion: martlet --generate-completion-script bash|zsh|fish
            """,
        version: ProgramVersion.text,
        groupedSubcommands: [
            CommandGroup(name: "Serving", subcommands: [Serve.self, Demo.self, Status.self, Reload.self]),
            CommandGroup(name: "Directory", subcommands: [Account.self, Domain.self, Alias.self, Group.self]),
            CommandGroup(name: "Mail", subcommands: [Queue.self, Trace.self, Check.self]),
            CommandGroup(name: "Data", subcommands: [Verify.self, Salvage.self, Purge.self, Rollback.self]),
        ])
}
