import Glibc
package import NIOCore
import Synchronization

/// A TCP socket that has its address and port, but does not listen yet: peers are still refused.
///
/// Two steps, because the port may need a privilege that the program gives up before it is ready to serve. Closed when nobody
/// holds it any more, unless somebody began to listen.
package final class BoundSocket: Sendable {
    /// With the port that was found where 0 was asked for.
    package let address: SocketAddress
    private let descriptor: Mutex<CInt?>

    /// - Parameters:
    ///   - host: a name or an address; `::` takes IPv4 as well.
    ///   - port: 0 for any free one.
    /// - Throws: `IOError` if the system refuses, `SocketAddressError` if `host` is none.
    package init(host: String, port: Int) throws {
        let wanted = try SocketAddress.makeAddressResolvingHost(host, port: port)
        let family = wanted.protocol == .inet6 ? AF_INET6 : AF_INET
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        do {
            try Self.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            if wanted.ipAddress == "::" { try Self.set(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
            let isBound = wanted.withSockAddr { pointer, size in bind(descriptor, pointer, socklen_t(size)) == 0 }
            guard isBound else { throw IOError(errnoCode: errno, reason: "bind") }
            address = try Self.address(of: descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = Mutex(descriptor)
    }

    deinit { descriptor.withLock { if let descriptor = $0 { close(descriptor) } } }

    /// Peers that may wait to be accepted. The kernel drops the first packet of those beyond, who come again after a second.
    private static let backlog: CInt = 4096

    /// From now on peers may connect; `serve` makes a channel of the descriptor, which is the channel's from then on.
    package func listen(
        _ serve: (CInt) async throws -> any Channel
    ) async throws -> any Channel {
        let taken = try listen()
        let channel = try await serve(taken)
        // NIO has made the queue one of 128, whatever its option says: a storm of peers would keep all others out.
        _ = Glibc.listen(taken, Self.backlog)
        return channel
    }

    private func listen() throws(IOError) -> CInt {
        let taken = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        guard let taken else { throw IOError(errnoCode: EBADF, reason: "listen") }
        guard Glibc.listen(taken, Self.backlog) == 0 else {
            let code = errno
            close(taken)
            throw IOError(errnoCode: code, reason: "listen")
        }
        return taken
    }

    private static func set(_ descriptor: CInt, _ level: CInt, _ option: CInt, _ value: CInt) throws(IOError) {
        var value = value
        guard setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size)) == 0 else {
            throw IOError(errnoCode: errno, reason: "setsockopt")
        }
    }

    private static func address(of descriptor: CInt) throws -> SocketAddress {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isKnown = withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.baseAddress.map { getsockname(descriptor, $0.assumingMemoryBound(to: sockaddr.self), &size) == 0 }
        }
        guard isKnown == true else { throw IOError(errnoCode: errno, reason: "getsockname") }
        return try withUnsafeBytes(of: storage) { bytes in
            switch CInt(storage.ss_family) {
            case AF_INET: SocketAddress(bytes.load(as: sockaddr_in.self))
            case AF_INET6: SocketAddress(bytes.load(as: sockaddr_in6.self))
            default: throw IOError(errnoCode: EAFNOSUPPORT, reason: "getsockname")
            }
        }
    }
}
