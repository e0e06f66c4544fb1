import NIOCore

/// A deadline that moves often and passes seldom: moving it is one assignment, not a timer of its own.
struct DeadlineTimer {
    private final class State {
        var deadline: NIODeadline?
        var scheduled: Scheduled<Void>?
        var scheduledFor: NIODeadline?
        var action: (() -> Void)?
    }

    private let state = State()

    /// `action` runs on `eventLoop` if the deadline passes before `disarm` or another `arm`.
    func arm(after delay: TimeAmount, on eventLoop: any EventLoop, _ action: @escaping () -> Void) {
        let deadline = eventLoop.now + delay
        state.deadline = deadline
        state.action = action
        if let scheduledFor = state.scheduledFor, scheduledFor <= deadline { return }
        state.scheduled?.cancel()
        Self.schedule(state, at: deadline, on: eventLoop)
    }

    func disarm() {
        state.deadline = nil
        state.action = nil
    }

    func cancel() {
        disarm()
        state.scheduled?.cancel()
        state.scheduled = nil
        state.scheduledFor = nil
    }

    private static func schedule(_ state: State, at deadline: NIODeadline, on eventLoop: any EventLoop) {
        state.scheduledFor = deadline
        let isolated = NIOLoopBound(state, eventLoop: eventLoop)
        state.scheduled = eventLoop.scheduleTask(deadline: deadline) {
            let state = isolated.value
            state.scheduledFor = nil
            state.scheduled = nil
            guard let wanted = state.deadline else { return }
            if wanted <= isolated.eventLoop.now {
                let action = state.action
                state.deadline = nil
                state.action = nil
                action?()
            } else {
                schedule(state, at: wanted, on: isolated.eventLoop)
            }
        }
    }
}
