import CProcess
import Glibc

/// What systemd is told: datagrams to the socket that `NOTIFY_SOCKET` names (sd_notify(3)). Without one, nothing is told.
struct ServiceManager {
    private let address: String?

    init(environment: [String: String]) {
        address = environment["NOTIFY_SOCKET"]
    }

    func ready() { tell("READY=1") }

    func stopping() { tell("STOPPING=1") }

    /// To be followed by ``ready()``.
    func reloading() {
        tell("RELOADING=1\nMONOTONIC_USEC=\(process_microseconds())")
    }

    /// Whether somebody was there to take it.
    @discardableResult
    func tell(_ state: String) -> Bool {
        guard let address, address.hasPrefix("/") || address.hasPrefix("@") else { return false }
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        let path = Array(address.utf8)
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        guard path.count < MemoryLayout.size(ofValue: target.sun_path) else { return false }
        withUnsafeMutableBytes(of: &target.sun_path) { bytes in
            bytes.copyBytes(from: path)
            // An abstract name begins with a zero byte.
            if address.hasPrefix("@") { bytes[0] = 0 }
        }
        let descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let bytes = Array(state.utf8)
        let sent = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(
                    descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL), $0, socklen_t(offset + path.count))
            }
        }
        return sent == bytes.count
    }
}
