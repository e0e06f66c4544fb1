import Glibc
import Logging
import MailStore
import Synchronization

/// Tells of a conversion of the data folder: a server in its log, a command on standard error.
final class ConversionNotice: Sendable {
    private struct State {
        var step = ""
        /// Tenths of the step that were told.
        var tenths: Int64 = 0
    }

    private let role: MailNode.Role
    private let state = Mutex(State())
    private let logger = Logger(label: "store")

    init(_ role: MailNode.Role) { self.role = role }

    @Sendable func receive(_ progress: StoreProgress) {
        guard let text = text(progress) else { return }
        switch role {
        // Nobody can log in until it is done: that is no mere notice.
        case .server: logger.warning("\(text)")
        case .administration: StandardError.write("martlet: \(text)\n")
        }
    }

    private func text(_ progress: StoreProgress) -> String? {
        switch progress {
        case .begins(let from, let to, let bytes):
            "converting the data folder from format \(from) to format \(to); its index has \((bytes + 999_999) / 1_000_000) MB"
        case .snapshot(let path): "a snapshot is kept in \(path)"
        case .step(let name, let done, let total): stepText(name, done, total)
        case .ends(let format): "the data folder has format \(format) now"
        }
    }

    /// At the beginning, the end and each tenth between.
    private func stepText(_ name: String, _ done: Int64, _ total: Int64) -> String? {
        let tenths = total > 0 ? min(done, total) * 10 / total : 0
        let isNews = state.withLock { state in
            if state.step == name, state.tenths == tenths { return false }
            state = State(step: name, tenths: tenths)
            return true
        }
        return isNews ? "\(name): \(tenths * 10) %" : nil
    }
}
