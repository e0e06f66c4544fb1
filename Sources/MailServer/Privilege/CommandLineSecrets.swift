import Glibc

/// Hides secrets of the command line from whoever lists processes.
package enum CommandLineSecrets {
    /// Overwrites the values of `options`, and of each `--set` whose key sounds like a secret, where the kernel shows this
    /// process's arguments. `CommandLine.arguments` keeps its copies.
    package static func hide(options: Set<String>) {
        // Read before it is overwritten; it is made when first asked for.
        let arguments = CommandLine.arguments
        guard let range = memory() else { return }
        var position = range.lowerBound
        for (index, argument) in arguments.enumerated() {
            let size = argument.utf8.count
            guard position + size < range.upperBound else { return }
            if let start = secret(
                argument, after: index > 0 ? arguments[index - 1] : "", options: options),
                let pointer = UnsafeMutableRawPointer(bitPattern: UInt(position + start))
            {
                memset(pointer, 0x2A, size - start)
            }
            position += size + 1
        }
    }

    /// Where in `argument` a secret begins; nil if it holds none.
    package static func secret(_ argument: String, after previous: String, options: Set<String>) -> Int? {
        if options.contains(previous) { return 0 }
        if let equals = argument.firstIndex(of: "="), options.contains(String(argument[..<equals])) {
            return argument[...equals].utf8.count
        }
        var setting = argument[...]
        if setting.hasPrefix("--set=") { setting = setting.dropFirst(6) } else if previous != "--set" { return nil }
        guard let equals = setting.firstIndex(of: "="), SecretNames.contain(String(setting[..<equals])) else {
            return nil
        }
        return argument[...equals].utf8.count
    }

    /// The addresses of the arguments, from /proc (proc(5): fields 48 and 49 of `stat`).
    private static func memory() -> Range<Int>? {
        guard let bytes = try? SmallFile.read("/proc/self/stat", limit: 4096) else { return nil }
        // The second field, in parentheses, may hold anything.
        let rest = String(decoding: bytes, as: UTF8.self).split(separator: ")").last ?? ""
        let fields = rest.split(separator: " ")
        guard fields.count > 46, let start = Int(fields[45]), let end = Int(fields[46]), start > 0, start < end else {
            return nil
        }
        return start..<end
    }
}
