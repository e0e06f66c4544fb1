package import NIOCore

/// Where a long response goes: a connection, or a buffer in tests. Used from one task only.
package protocol ResponseSink: AnyObject {
    /// Written but not yet handed to the network.
    var output: ByteBuffer { get set }
    /// Hands `output` over and waits while the peer is slow to take it. False if the connection is gone.
    func flush() async -> Bool
    /// Whether much is held for slow clients already, so that less should be handed over at a time.
    var isShortOfMemory: Bool { get }
    /// Waits until the loop's other connections have had their turn.
    func giveWay() async
}
