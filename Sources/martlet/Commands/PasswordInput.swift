import ArgumentParser
import Foundation
import MailServer

/// Passwords come from the terminal, unseen, or from standard input; never from the command line.
enum PasswordInput {
    static func read(fromStandardInput: Bool) throws -> String {
        if fromStandardInput {
            guard let line = readLine(strippingNewline: true), !line.isEmpty else {
                throw AdministrationFailure(
                    error: "usage", message: "there is no password on standard input",
                    remedy: "write it to the first line, as in `printf '%s\\n' \"$PASSWORD\" | martlet …`")
            }
            return line
        }
        guard isatty(STDIN_FILENO) == 1 else {
            throw ValidationError("Standard input is no terminal to ask for the password on; use --password-stdin.")
        }
        let first = ask("Password: ")
        guard first == ask("Again: ") else {
            throw AdministrationFailure(error: "invalidPassword", message: "the two passwords differ")
        }
        return first
    }

    private static func ask(_ prompt: String) -> String {
        Output.writeError(prompt)
        var settings = termios()
        tcgetattr(STDIN_FILENO, &settings)
        let before = settings
        settings.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
        defer {
            var before = before
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            Output.writeError("\n")
        }
        return readLine(strippingNewline: true) ?? ""
    }
}
