import CFuzzer
import Glibc

/// `fuzz NAME [libFuzzer's options and corpus folders]`; `fuzz --list` names the targets.
@main
enum Fuzz {
    /// The target named on the command line: libFuzzer's callback carries no context.
    static let target = FuzzTarget.all.first { $0.name == CommandLine.arguments.dropFirst().first }

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

/// libFuzzer calls this instead of its own mutations, if it is there.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutateInput(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int, _ seed: UInt32) -> Int {
    guard let grammar = Fuzz.target?.grammar, seed % 3 != 0 else { return LLVMFuzzerMutate(bytes, count, limit) }
    let result = Mutator.mutate(Array(UnsafeBufferPointer(start: bytes, count: count)), grammar, seed: seed)
    guard !result.isEmpty, result.count <= limit else { return LLVMFuzzerMutate(bytes, count, limit) }
    bytes.update(from: result, count: result.count)
    return result.count
}
