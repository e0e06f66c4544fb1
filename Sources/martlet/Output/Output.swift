import Foundation
import Glibc
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
            let separator = failure.message.hasSuffix(".") ? " " : "; "
            text = "martlet: " + failure.message + (failure.remedy.isEmpty ? "" : separator + failure.remedy)
        }
        writeError(text + "\n")
    }

    static func writeError(_ text: String) {
        _ = write(text, to: STDERR_FILENO)
    }

    static func write(_ line: String) {
        let failure = write(line + "\n", to: STDOUT_FILENO)
        // A reader that has seen enough (`martlet trace | head`) is no failure: the rest goes nowhere.
        guard failure != 0, failure != EPIPE else { return }
        writeError("martlet: standard output cannot be written: \(String(cString: strerror(failure)))\n")
        exit(1)
    }

    /// The error number, 0 if all was written.
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }

    /// One line that is written over, and only where somebody looks.
    static func progress(_ done: Int, of total: Int, _ unit: String = "") {
        guard isatty(STDERR_FILENO) == 1 else { return }
        writeError("\r\u{1B}[K\(done) of \(total)\(unit.isEmpty ? "" : " \(unit)")")
    }

    static func endProgress() {
        guard isatty(STDERR_FILENO) == 1 else { return }
        writeError("\r\u{1B}[K")
    }
}
