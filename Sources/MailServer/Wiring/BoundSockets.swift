import Logging
import NIOCore
import SessionIO

/// The sockets of all doors, each with its port, none open yet.
///
/// Bound before anything else, while the process may still have privileges for it; opened last of all.
struct BoundSockets: Sendable {
    struct Door: Sendable {
        let listener: Listener
        let socket: BoundSocket

        var port: Int { socket.address.port ?? listener.port }
    }

    let doors: [Door]

    /// - Parameter hasCertificate: without one, the doors that begin with TLS stay shut.
    init(_ configuration: ServerConfiguration, hasCertificate: Bool) throws(AdministrationFailure) {
        var doors: [Door] = []
        for listener in configuration.listeners {
            guard hasCertificate || !listener.service.isImplicitTLS else {
                Logger(label: "server").warning(
                    "no certificate, so no \(listener.service.rawValue)",
                    metadata: ["remedy": "set tls.certificate and tls.key"])
                continue
            }
            doors.append(Door(listener: listener, socket: try Self.bind(listener)))
        }
        self.doors = doors
    }

    private static func bind(_ listener: Listener) throws(AdministrationFailure) -> BoundSocket {
        var failure: (any Error)?
        for host in listener.bindCandidates {
            do {
                return try BoundSocket(host: host, port: listener.port)
            } catch {
                failure = error
            }
        }
        throw ListenFailure.explain(failure ?? CancellationError(), listener)
    }
}
