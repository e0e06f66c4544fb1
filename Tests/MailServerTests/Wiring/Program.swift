import Foundation
import Testing

/// The program itself, as a process of its own.
final class Program {
    private let process = Process()
    private let output = Pipe()
    private let errors = FileManager.default.temporaryDirectory.path + "/program-" + UUID().uuidString

    static let path = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "martlet").path

    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        try #require(FileManager.default.isExecutableFile(atPath: Self.path), "\(Self.path) is not built")
        process.executableURL = URL(filePath: Self.path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = output
        _ = FileManager.default.createFile(atPath: errors, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: errors)
        try process.run()
    }

    deinit {
        if process.isRunning { process.terminate() }
        try? FileManager.default.removeItem(atPath: errors)
    }

    var isRunning: Bool { process.isRunning }

    var number: Int32 { process.processIdentifier }

    /// What it wrote to standard error so far.
    var log: String { (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "" }

    /// A file of /proc about it; zero bytes become spaces.
    func about(_ name: String) -> String {
        let bytes = (try? SmallRead.all("/proc/\(number)/\(name)")) ?? []
        return String(decoding: bytes.map { $0 == 0 ? 0x20 : $0 }, as: UTF8.self)
    }

    /// The next piece of its output that ends a line; empty at its end.
    func line() -> String {
        var text = Data()
        while text.last != 0x0A {
            let byte = output.fileHandleForReading.readData(ofLength: 1)
            if byte.isEmpty { break }
            text += byte
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Waits for its end; status and what it wrote.
    @discardableResult
    func finish(signal: Int32? = nil) -> Int32 {
        if let signal { kill(number, signal) }
        _ = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Runs it to its end; what it wrote to standard output.
    static func run(_ arguments: [String], input: String = "") throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        let (answer, question) = (Pipe(), Pipe())
        process.standardOutput = answer
        process.standardError = answer
        process.standardInput = question
        try process.run()
        question.fileHandleForWriting.write(Data(input.utf8))
        try question.fileHandleForWriting.close()
        let text = answer.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self))
    }
}

/// Files of /proc, whose size is not known before they are read.
enum SmallRead {
    static func all(_ path: String) throws -> [UInt8] {
        let handle = try FileHandle(forReadingFrom: URL(filePath: path))
        return try Array(handle.readToEnd() ?? Data())
    }
}
