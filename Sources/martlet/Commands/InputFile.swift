import Foundation
import MailServer

/// A file that the command line names; `-` is standard input.
enum InputFile {
    static func read(_ path: String) throws -> Data {
        let source = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        // A folder opens, and fails only when it is read.
        guard let source, let data = try? source.readToEnd() ?? Data() else {
            throw AdministrationFailure(
                error: "unreadable", message: "\(path) cannot be read", remedy: "check its name and permissions")
        }
        return data
    }
}
