/// What an input does: a client's bytes as they are, and between them events, each 0xFF (which no text has) and a letter.
/// Another byte behind 0xFF stands for itself.
enum ScriptStep {
    /// `0` to `9`, before anything else: which listener, with which settings.
    case variant(Int)
    /// `A` to `C`: what follows is said on this connection. With a small letter, nothing of it before the next event.
    case connection(UInt8, waits: Bool)
    case say(ArraySlice<UInt8>)
    /// `h`: the client will say no more.
    case finish
    /// `x`: the client is gone.
    case leave
    /// `t`: time passes, longer than any client may be silent.
    case wait
    /// `w`, `r`: the client stops reading, and reads again.
    case stopReading, resumeReading
    /// `d`: a message comes in otherwise.
    case deliver
    /// `p`: the password is changed. `k`: the account is disabled.
    case changePassword, disable
    /// `q`: the server shuts down.
    case shutDown
    /// `c`: nothing, but that the bytes before it come in before those behind it.
    case pause

    init?(event byte: UInt8) {
        switch UnicodeScalar(byte) {
        case "0"..."9": self = .variant(Int(byte) - 0x30)
        case "A"..."C": self = .connection(byte, waits: true)
        case "a"..."c" where byte != 0x63: self = .connection(byte - 0x20, waits: false)
        case "h": self = .finish
        case "x": self = .leave
        case "t": self = .wait
        case "w": self = .stopReading
        case "r": self = .resumeReading
        case "d": self = .deliver
        case "p": self = .changePassword
        case "k": self = .disable
        case "q": self = .shutDown
        case "c": self = .pause
        default: return nil
        }
    }

    static let letters = Array("0123ABCabhxtwrdpkqc".utf8)

    static func read(_ bytes: [UInt8]) -> [ScriptStep] {
        var steps: [ScriptStep] = []
        var start = 0
        var index = 0
        while index + 1 < bytes.count {
            if bytes[index] == 0xFF, let step = ScriptStep(event: bytes[index + 1]) {
                if start < index { steps.append(.say(bytes[start..<index])) }
                steps.append(step)
                start = index + 2
                index = start
            } else {
                index += 1
            }
        }
        if start < bytes.count { steps.append(.say(bytes[start...])) }
        return steps
    }
}
