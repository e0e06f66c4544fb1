import COpenSSL
import Glibc

/// A blocking connection with a read buffer. Belongs to one thread.
final class Wire {
    private let socket: Int32
    private var tls: OpaquePointer?
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    private var start = 0
    private var end = 0
    private(set) var received = 0

    /// How long one read or write may take.
    private static let patience = 120

    init(host: String, port: UInt16, tls isTLS: Bool) throws(LoadError) {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw .system("socket", errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { throw .system("address \(host)", EINVAL) }
        let status = withUnsafeBytes(of: &address) {
            Glibc.connect(socket, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        guard status == 0 else { throw .system("connect to \(host):\(port)", errno) }
        var one: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if isTLS { try startTLS() }
    }

    deinit {
        if let tls { SSL_free(tls) }
        Glibc.close(socket)
        buffer.deallocate()
    }

    /// One context for all: sessions are not resumed, so that each handshake is a full one.
    ///
    /// `nonisolated(unsafe)`: made once and never changed; OpenSSL's contexts may be shared by threads.
    nonisolated(unsafe) private static let context: OpaquePointer? = {
        let context = SSL_CTX_new(TLS_client_method())
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
        SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
        return context
    }()

    func startTLS() throws(LoadError) {
        tls = SSL_new(Self.context)
        SSL_set_fd(tls, socket)
        guard SSL_connect(tls) == 1 else { throw .system("TLS handshake", EPROTO) }
    }

    private func fill() throws(LoadError) {
        if start == end { (start, end) = (0, 0) }
        if end == buffer.count {
            guard start > 0 else {
                let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 16)
                larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
                buffer.deallocate()
                buffer = larger
                return try fill()
            }
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
            (start, end) = (0, end - start)
        }
        let room = buffer.count - end
        let target = buffer.baseAddress.map { $0 + end }
        let count = tls.map { Int(SSL_read($0, target, Int32(room))) } ?? Glibc.read(socket, target, room)
        guard count > 0 else {
            if count < 0, errno == EINTR { return try fill() }
            throw count == 0 ? .closed : .system("read", errno)
        }
        end += count
        received += count
    }

    func write(_ bytes: [UInt8]) throws(LoadError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { raw in
                let from = raw.baseAddress.map { $0 + done }
                let length = raw.count - done
                return tls.map { Int(SSL_write($0, from, Int32(min(length, 1 << 20)))) }
                    ?? send(socket, from, length, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw .system("write", errno)
            }
            done += count
        }
    }

    func write(_ text: String) throws(LoadError) { try write(Array(text.utf8)) }

    /// The next line without its end, as long as `body` runs.
    func line<Result>(_ body: (UnsafeRawBufferPointer) throws(LoadError) -> Result) throws(LoadError) -> Result {
        var searched = start
        while true {
            if searched < end, let base = buffer.baseAddress, let found = memchr(base + searched, 10, end - searched) {
                let index = UnsafeRawPointer(found) - UnsafeRawPointer(base)
                let stop = index > start && buffer[index - 1] == 13 ? index - 1 : index
                let line = UnsafeRawBufferPointer(rebasing: buffer[start..<stop])
                start = index + 1
                return try body(line)
            }
            let before = end - start
            try fill()
            searched = start + before
        }
    }

    func lineText() throws(LoadError) -> String {
        try line { bytes throws(LoadError) in String(decoding: bytes, as: UTF8.self) }
    }

    /// Reads `count` bytes and forgets them.
    func skip(_ count: Int) throws(LoadError) {
        var left = count
        while left > 0 {
            if start == end { try fill() }
            let step = min(left, end - start)
            start += step
            left -= step
        }
    }

    /// Until a line that is a dot (RFC 1939 §3). Returns the bytes before it.
    func skipDotted() throws(LoadError) -> Int {
        var bytes = 0
        while true {
            let length = try line { line throws(LoadError) in line.count == 1 && line[0] == 46 ? -1 : line.count }
            if length < 0 { return bytes }
            bytes += length + 2
        }
    }

    /// Waits until the server closes or says something.
    func waitForNews() throws(LoadError) {
        if start == end { try fill() }
    }
}
