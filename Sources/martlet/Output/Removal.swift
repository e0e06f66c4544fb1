import MailServer

/// What a removal prints.
enum Removal {
    static func printer(json: Bool) -> any Printer {
        json ? JSONPrinter() : TextPrinter<RemovalView> { "\($0.removed) is removed." }
    }
}
