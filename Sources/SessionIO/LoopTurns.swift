import Glibc
import NIOCore
import NIOPosix

/// Gives the other connections of an event loop their turn while a session has much to do.
///
/// NIO's loop looks for bytes from the network only when it has no task left to run, and a session that goes on at once, or
/// comes back from another thread, is a task again. So `Task.yield` gives way to sessions that run already, but not to those
/// whose commands wait in the kernel: one peer that sends 9,000 commands in a write held up all others for 0.2 to 0.5 s.
/// Who has had its turn therefore waits for the loop's next look at the network, by way of a byte in a pipe that this look
/// will find.
///
/// `@unchecked Sendable`: everything but `eventLoop` is touched on that loop only.
final class LoopTurns: @unchecked Sendable {
    /// What all sessions of a loop may do together between two looks at the network.
    static let length = TimeAmount.milliseconds(1)

    private enum Pipe {
        case none
        case opening
        case open(writeEnd: CInt)
        /// Not to be had: no more descriptors, or no real event loop.
        case unavailable
    }

    private let eventLoop: any EventLoop
    private var pipe = Pipe.none
    private var isArmed = false
    private var waiting: [UnsafeContinuation<Void, Never>] = []
    /// When the loop is known to have looked at the network.
    private var lastLook = NIODeadline.distantPast

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// The loop is just handing out what the network has brought.
    func looked() { lastLook = .now() }

    /// Whether whoever still has something to do should wait for its next turn.
    var isOver: Bool { .now() - lastLook > Self.length }

    /// Waits for the loop's next look at the network.
    func next() async {
        eventLoop.assertInEventLoop()
        if case .none = pipe { open() }
        if case .unavailable = pipe { return await Task.yield() }
        await withUnsafeContinuation { continuation in
            waiting.append(continuation)
            arm()
        }
    }

    private func arm() {
        guard !isArmed, case .open(let writeEnd) = pipe else { return }
        isArmed = true
        var byte: UInt8 = 0
        // The pipe is empty, as its last byte has been read.
        if write(writeEnd, &byte, 1) != 1 { fail() }
    }

    private func resumeAll() {
        looked()
        let ready = waiting
        waiting = []
        for continuation in ready { continuation.resume() }
    }

    private func open() {
        guard MultiThreadedEventLoopGroup.currentEventLoop === eventLoop else {
            pipe = .unavailable
            return
        }
        var ends: [CInt] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else {
            pipe = .unavailable
            return
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        let writeEnd = ends[1]
        pipe = .opening
        NIOPipeBootstrap(group: eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Bell(self)) }
            }
            .takingOwnershipOfDescriptor(input: ends[0])
            .assumeIsolated()
            .whenComplete { result in
                guard case .success = result else {
                    close(writeEnd)
                    return self.fail()
                }
                self.pipe = .open(writeEnd: writeEnd)
                if !self.waiting.isEmpty { self.arm() }
            }
    }

    private func fail() {
        if case .open(let writeEnd) = pipe { close(writeEnd) }
        pipe = .unavailable
        resumeAll()
    }

    /// Hears the byte.
    private final class Bell: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let turns: LoopTurns

        init(_ turns: LoopTurns) { self.turns = turns }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            turns.isArmed = false
            turns.resumeAll()
        }

        func channelInactive(context: ChannelHandlerContext) { turns.fail() }
    }
}
