import Glibc
import NIOCore

/// Why a port could not be had, in one sentence with the remedy.
enum ListenFailure {
    static func explain(_ error: any Error, _ listener: Listener) -> AdministrationFailure {
        let place = "\(listener.address) port \(listener.port) for \(listener.service.rawValue)"
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE:
            return AdministrationFailure(
                error: "portTaken", message: "\(place) is taken by another program",
                remedy:
                    "stop it (`ss -ltnp` shows who it is), or choose other ports: --set listen.\(listener.service.rawValue)=PORT, or --port-offset of the demo"
            )
        case EACCES, EPERM:
            return AdministrationFailure(
                error: "portRefused", message: "this user may not listen on \(place)",
                remedy:
                    "ports below 1024 need root or CAP_NET_BIND_SERVICE (AmbientCapabilities= in a systemd unit, or `setcap cap_net_bind_service=+ep` on the program); or choose others with --port-offset or listen.*"
            )
        case EADDRNOTAVAIL:
            return AdministrationFailure(
                error: "addressUnknown", message: "\(listener.address) is no address of this machine",
                remedy: "`ip address` lists them; `*` listens on all")
        default:
            return AdministrationFailure(
                error: "listen", message: "cannot listen on \(place): \(error)", remedy: "check the address and port")
        }
    }
}
