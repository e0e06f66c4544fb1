import Glibc
package import NIOCore

/// What the peer has really taken: a byte that the kernel took from us is not one that the peer has read.
package enum SendProgress {
    /// `struct tcp_info` as far as `tcpi_bytes_acked`, at byte 120 since Linux 4.1 (linux/tcp.h), and some room.
    private struct Information: BitwiseCopyable, Sendable {
        // swift-format-ignore
        var words: (
            UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64,
            UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64,
            UInt64, UInt64, UInt64, UInt64
        )
    }

    /// Bytes acknowledged so far, from some beginning. Where TCP does not tell, what has left our own buffers.
    package static func acknowledged(_ channel: any Channel) -> Int {
        if let provider = channel as? any SocketOptionProvider, PeerAddress(channel.remoteAddress).bytes.count > 0 {
            var acknowledged: Int?
            let answer: EventLoopFuture<Information> = provider.unsafeGetSocketOption(
                level: .tcp, name: NIOBSDSocket.Option(rawValue: TCP_INFO))
            // On the channel's event loop, where this is called, the answer is there at once.
            answer.assumeIsolated().whenSuccess { acknowledged = Int(truncatingIfNeeded: $0.words.15) }
            if let acknowledged { return acknowledged }
        }
        return -pending(channel)
    }

    /// Bytes written that the kernel has not taken yet.
    package static func pending(_ channel: any Channel) -> Int {
        (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Drops what the kernel still holds for the peer when the channel is closed, instead of keeping it for minutes.
    package static func abandon(_ channel: any Channel) {
        guard let provider = channel as? any SocketOptionProvider else { return }
        _ = provider.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    }
}
