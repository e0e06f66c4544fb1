/// Whether mail can be taken in and given out just now.
package enum Readiness: Hashable, Sendable {
    case ready
    /// `reason` is shown to whoever asks, so it must tell no secrets.
    case notReady(reason: String)
}
