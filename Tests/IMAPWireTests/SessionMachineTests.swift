import IMAPWire
import Testing

@Suite struct SessionMachineTests {
    /// The command table, printed: a change of a rule must show here.
    @Test func table() {
        let lines = CommandKind.allCases.map { kind in
            let rule = kind.rule
            var words = [kind.rawValue]
            words.append(
                (rule.states.contains(.notAuthenticated) ? "n" : "-")
                    + (rule.states.contains(.authenticated) ? "a" : "-")
                    + (rule.states.contains(.selected) ? "s" : "-"))
            if rule.usesSequenceNumbers { words.append("numbers") }
            if rule.writes { words.append("writes") }
            if rule.endsPipeline { words.append("ends") }
            return words.joined(separator: " ")
        }
        #expect(
            lines == [
                "CAPABILITY nas", "NOOP nas", "LOGOUT nas", "ID nas", "STARTTLS n-- ends", "AUTHENTICATE n-- ends",
                "LOGIN n--", "ENABLE -as", "SELECT -as", "EXAMINE -as", "CREATE -as", "DELETE -as", "RENAME -as",
                "SUBSCRIBE -as", "UNSUBSCRIBE -as", "LIST -as", "LSUB -as", "NAMESPACE -as", "STATUS -as",
                "GETQUOTA -as",
                "GETQUOTAROOT -as", "SETQUOTA -as", "APPEND -as", "IDLE -as ends", "CHECK --s", "CLOSE --s",
                "UNSELECT --s", "EXPUNGE --s writes", "UID EXPUNGE --s writes", "SEARCH --s numbers", "UID SEARCH --s",
                "FETCH --s numbers", "UID FETCH --s", "STORE --s numbers writes", "UID STORE --s writes",
                "COPY --s numbers", "UID COPY --s", "MOVE --s numbers writes", "UID MOVE --s writes",
            ])
    }

    /// `#expect` cannot take a noncopyable value apart.
    private func expect<Value: Equatable>(
        _ value: Value, _ expected: Value, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(value == expected, sourceLocation: sourceLocation)
    }

    @Test func statesAdmitCommands() {
        var machine = SessionMachine(isEncrypted: false)
        expect(machine.admit(.select), .refuse("Log in first"))
        expect(machine.admit(.startTLS), .proceed)
        guard case .deny(.privacyRequired, _) = machine.admit(.login) else {
            Issue.record("a password without TLS was admitted")
            return
        }
        machine.encrypted()
        expect(machine.admit(.startTLS), .refuse("TLS is already on"))
        expect(machine.admit(.login), .proceed)
        machine.authenticated()
        expect(machine.admit(.login), .refuse("Already logged in"))
        expect(machine.admit(.fetch), .refuse("Select a mailbox first"))
        machine.selected(isReadOnly: true)
        expect(machine.admit(.fetch), .proceed)
        expect(machine.admit(.store), .deny(nil, "The mailbox is selected read-only"))
        machine.selected(isReadOnly: false)
        expect(machine.admit(.store), .proceed)
        machine.unselected()
        let state = machine.state
        #expect(state == .authenticated)
        machine.loggedOut()
        expect(machine.admit(.noop), .ignore)
    }

    @Test func errorsAreCounted() {
        var machine = SessionMachine(isEncrypted: true)
        for _ in 0..<9 { expect(machine.failed(), .goOn) }
        machine.succeeded()
        for _ in 0..<9 { expect(machine.failed(), .goOn) }
        expect(machine.failed(), .disconnect)
        var guesser = SessionMachine(isEncrypted: true)
        for _ in 0..<4 { expect(guesser.authenticationFailed(), .goOn) }
        expect(guesser.authenticationFailed(), .disconnect)
    }

    @Test func modSequencesAreEnabledOnce() {
        var machine = SessionMachine(isEncrypted: true)
        expect(machine.knowsModSequences, false)
        let first = machine.enabledModSequences()
        let second = machine.enabledModSequences()
        let knows = machine.knowsModSequences
        #expect(first && !second && knows)
    }
}
