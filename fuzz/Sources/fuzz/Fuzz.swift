import CFuzzer
import Glibc

/// One parser and what must hold of it for every byte sequence. A run that traps, or calls `fail`, is a finding.
struct FuzzTarget: Sendable {
    let name: String
    let run: @Sendable ([UInt8]) -> Void

    static let all: [FuzzTarget] = [
        FuzzTarget(name: "mime", run: MIMETarget.run),
        FuzzTarget(name: "summary", run: SummaryTarget.run),
        FuzzTarget(name: "header", run: HeaderTarget.run),
        FuzzTarget(name: "address", run: AddressTarget.run),
        FuzzTarget(name: "smtp", run: SMTPTarget.run),
        FuzzTarget(name: "data", run: DataTarget.run),
        FuzzTarget(name: "imap", run: IMAPTarget.run),
        FuzzTarget(name: "pop3", run: POP3Target.run),
        FuzzTarget(name: "sasl", run: SASLTarget.run),
        FuzzTarget(name: "content", run: ContentTarget.run),
    ]
}

/// `fuzz NAME [libFuzzer's options and corpus folders]`; `fuzz --list` names the targets.
@main
enum Fuzz {
    /// The target named on the command line: libFuzzer's callback carries no context.
    private static let target = FuzzTarget.all.first { $0.name == CommandLine.arguments.dropFirst().first }

    static func main() {
        guard let target else {
            for target in FuzzTarget.all { print(target.name) }
            exit(CommandLine.arguments.dropFirst().first == "--list" ? 0 : 2)
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(target.name)]
        arguments += CommandLine.arguments.dropFirst(2).map { strdup($0) }
        var count = Int32(arguments.count)
        arguments.append(nil)
        let status = arguments.withUnsafeMutableBufferPointer { buffer -> Int32 in
            var start = buffer.baseAddress
            return withUnsafeMutablePointer(to: &start) { pointer in
                pointer.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self, capacity: 1) {
                    LLVMFuzzerRunDriver(&count, $0) { bytes, count in
                        Fuzz.target?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
                        return 0
                    }
                }
            }
        }
        exit(status)
    }
}

/// Says which property an input has broken, and ends the process so that libFuzzer keeps the input.
func fail(_ property: String) -> Never {
    fatalError(property)
}

func expect(_ condition: Bool, _ property: @autoclosure () -> String) {
    if !condition { fail(property()) }
}
