import SMTPWire

extension SMTPSession {
    /// HELP (RFC 5321 §4.1.1.8): the commands this server knows.
    func help() {
        let verbs = CommandRule.table.filter { !$0.phases.isEmpty }.map(\.verb.rawValue).joined(separator: " ")
        reply(Reply(.help, .ok, "Commands:", moreLines: [verbs, "See RFC 5321."]))
    }
}
