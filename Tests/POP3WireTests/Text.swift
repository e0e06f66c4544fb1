import NIOCore
import POP3Wire

func buffer(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

/// A machine behind a reference, because expectations cannot hold a noncopyable value.
final class Session {
    var machine: POP3Machine
    private var input = ByteBuffer()

    init(_ capabilities: POP3Capabilities = POP3Capabilities(), limits: POP3Machine.Limits = POP3Machine.Limits()) {
        machine = POP3Machine(capabilities: capabilities, limits: limits)
    }

    var maildrop: POP3Maildrop { machine.maildrop }
    var isUTF8: Bool { machine.isUTF8 }
    func loginFailed() -> Bool { machine.loginFailed() }

    /// All actions for `text`, given to the machine in pieces of `size` bytes.
    func say(_ text: String, piece size: Int = .max) -> [POP3Action] {
        var actions: [POP3Action] = []
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = size < bytes.count - start ? start + size : bytes.count
            input.writeBytes(bytes[start..<end])
            start = end
            while true {
                let action = machine.next(from: &input)
                if action == .needInput { break }
                actions.append(action)
            }
        }
        return actions
    }
}
