import ArgumentParser
import Glibc

/// The server to be driven.
struct ServerOptions: ParsableArguments {
    @Option(help: "Host, as an IPv4 address.") var host = "127.0.0.1"
    @Option(help: "Port.") var port: UInt16
    @Flag(help: "TLS from the first byte. The certificate is not checked.") var tls = false
    @Option(help: "Connections at a time, each with a thread of its own.") var connections = 1

    func connect() throws(LoadError) -> Wire { try Wire(host: host, port: port, tls: tls) }
}

/// Who logs in. `%` in the user stands for the connection's number, from 1 to `users`, then over again.
struct AccountOptions: ParsableArguments {
    @Option(help: "User name; % stands for a number.") var user: String
    @Option(help: "Password.") var password: String
    @Option(help: "How many users % stands for.") var users = 1

    func name(_ number: Int) -> String {
        user.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
            .joined(separator: String(number % users + 1))
    }
}

/// Why there is no figure.
enum LoadError: Error, CustomStringConvertible {
    case system(String, Int32)
    case closed
    /// What was asked for and what came.
    case unexpected(String, String)

    var description: String {
        switch self {
        case .system(let operation, let code): "\(operation): \(String(cString: strerror(code)))"
        case .closed: "the server closed the connection"
        case .unexpected(let asked, let reply): "\(asked): the server said \(reply)"
        }
    }
}
