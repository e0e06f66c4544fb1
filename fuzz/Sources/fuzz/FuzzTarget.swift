/// One parser and what must hold of it for every byte sequence. A run that traps, or calls `fail`, is a finding.
struct FuzzTarget: Sendable {
    let name: String
    let run: @Sendable ([UInt8]) -> Void
    /// By which inputs are changed; nil: byte by byte.
    var grammar: Grammar?

    static let all: [FuzzTarget] = [
        FuzzTarget(name: "mime", run: MIMETarget.run),
        FuzzTarget(name: "summary", run: SummaryTarget.run),
        FuzzTarget(name: "header", run: HeaderTarget.run),
        FuzzTarget(name: "address", run: AddressTarget.run),
        FuzzTarget(name: "smtp", run: SMTPTarget.run),
        FuzzTarget(name: "data", run: DataTarget.run),
        FuzzTarget(name: "imap", run: IMAPTarget.run),
        FuzzTarget(name: "pop3", run: POP3Target.run),
        FuzzTarget(name: "sasl", run: SASLTarget.run),
        FuzzTarget(name: "content", run: ContentTarget.run),
        FuzzTarget(name: "segment", run: SegmentTarget.run),
        FuzzTarget(name: "search", run: SearchTarget.run),
        FuzzTarget(name: "configuration", run: ConfigurationTarget.run),
        FuzzTarget(name: "administration", run: AdministrationTarget.run),
        FuzzTarget(name: "log", run: LogTarget.run),
        FuzzTarget(name: "hello", run: HelloTarget.run),
        FuzzTarget(name: "smtp-session", run: SMTPSessionTarget.run, grammar: .smtp),
        FuzzTarget(name: "imap-session", run: IMAPSessionTarget.run, grammar: .imap),
        FuzzTarget(name: "pop3-session", run: POP3SessionTarget.run, grammar: .pop3),
    ]
}

/// Says which property an input has broken, and ends the process so that libFuzzer keeps the input.
func fail(_ property: String) -> Never {
    fatalError(property)
}

func expect(_ condition: Bool, _ property: @autoclosure () -> String) {
    if !condition { fail(property()) }
}
