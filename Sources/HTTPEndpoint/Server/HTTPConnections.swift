import NIOCore
import Synchronization

/// The open connections of a listener, so that it can end them.
final class HTTPConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isEnding = false
        var ended: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func add(_ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        let isEnding = state.withLock { state in
            state.channels[key] = channel
            return state.isEnding
        }
        channel.closeFuture.whenComplete { [self] _ in remove(key) }
        if isEnding { channel.close(promise: nil) }
    }

    private func remove(_ key: ObjectIdentifier) {
        let ended = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.channels[key] = nil
            guard state.channels.isEmpty else { return nil }
            defer { state.ended = nil }
            return state.ended
        }
        ended?.resume()
    }

    /// Idle connections are closed at once, those with a request after its answer, and after `grace` all that are left.
    func end(grace: TimeAmount, on loop: any EventLoop) async {
        let channels = state.withLock { state in
            state.isEnding = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        let closer = loop.scheduleTask(in: grace) { [self] in
            for channel in state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
        }
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isEmpty = state.withLock { state in
                if !state.channels.isEmpty { state.ended = continuation }
                return state.channels.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
        closer.cancel()
    }
}
