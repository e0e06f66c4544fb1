package import NIOCore

/// What the session must do next.
package enum SessionStep: Hashable, Sendable {
    /// Carry out a command that is well-formed and allowed now, reply, and tell the machine where it has a method for it.
    case command(Command)
    /// Send this; the machine has dealt with the rest.
    case reply(Reply)
    /// Send this and close.
    case close(Reply)
    /// The client's answer to an AUTH challenge, decoded.
    case authenticationResponse([UInt8])
    /// The client cancelled AUTH, or sent what cannot be read: forget the exchange, and send this.
    case authenticationAborted(Reply)
    /// A piece of the message.
    case piece(ByteBuffer)
    /// The message is complete, after DATA or BDAT LAST; if `defect` is set it must be refused.
    case endOfMessage(defect: ContentDefect?)
    /// A chunk that is not the last is complete; `size` octets were in it.
    case endOfChunk(size: UInt64, defect: ContentDefect?)
}
