import Foundation
import MailServer

/// What goes to the terminal beside a command's result.
enum Output {
    static func report(_ failure: AdministrationFailure, json: Bool) {
        let text: String
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let object = ["error": failure.error, "message": failure.message, "remedy": failure.remedy]
            text = (try? encoder.encode(object)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        } else {
            text = "martlet: " + failure.message + (failure.remedy.isEmpty ? "" : "; " + failure.remedy)
        }
        writeError(text + "\n")
    }

    static func writeError(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }

    static func write(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    /// One line that is written over, and only where somebody looks.
    static func progress(_ done: Int, of total: Int) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        writeError("\r\u{1B}[K\(done) of \(total)")
    }

    static func endProgress() {
        guard isatty(STDERR_FILENO) == 1 else { return }
        writeError("\r\u{1B}[K")
    }
}
