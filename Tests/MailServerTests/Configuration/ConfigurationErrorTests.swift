import MailServer
import Testing

@Suite struct ConfigurationErrorTests {
    /// What was written, and what the sentence and the remedy must say.
    static let mistakes: [(yaml: String, message: String, remedy: String)] = [
        ("smtp:\n  maximumsize: 5MB", "martlet.yaml line 2: there is no key “smtp.maximumsize”.", "smtp.maximumSize"),
        ("a: 1\nlog.levl: debug", "martlet.yaml line 1: there is no key “a”.", "docs/configuration.md"),
        ("log.levl: debug", "martlet.yaml line 1: there is no key “log.levl”.", "Did you mean log.level?"),
        ("timeout: 5m", "there is no key “timeout”.", ".timeout?"),
        (
            "smtp.timeout: soon", "line 1: smtp.timeout is “soon” but must be a duration from 1s to 1h",
            "leave the key out for 5m"
        ),
        ("smtp.timeout: 2h", "smtp.timeout is “2h” but must be a duration", "5m"),
        ("smtp.timeout: [1m]", "smtp.timeout is a list but must be a duration", "5m"),
        ("smtp.timeout:", "smtp.timeout is nothing but must be a duration", "5m"),
        ("smtp.maximumRecipients: 5", "must be a whole number from 100 to 100000", "1000"),
        ("smtp.maximumSize: 99999999999999999999GB", "smtp.maximumSize is", "50MB"),
        ("log.level: loud", "must be one of trace, debug, info", "info"),
        ("auth.plaintext: perhaps", "must be true or false", "false"),
        ("resolver: dns.example:53", "must be an IP address with a port", "system"),
        ("http.allow: [10.0.0.0/33]", "must be networks such as", "127.0.0.0/8"),
        ("queue.retry: []", "must be a list of 1 to 32 durations", "5m"),
        ("listen.smtp: 70000", "listen.smtp is “70000” but must be a port", "25"),
        ("server.name: -bad-", "must be a host name", "the machine's host name"),
        ("smtp: 5", "smtp is a group of keys and has no value", "smtp.maximumErrors"),
        (
            "smtp.timeout: 5m\nsmtp: {timeout: 6m}",
            "line 2: smtp.timeout is given a second time (first in martlet.yaml line 1)", "Remove"
        ),
        ("log:\n  level: info\n  level: debug", "has level twice", "Remove"),
        ("- a\n- b", "martlet.yaml is not a configuration", "one key a line"),
        ("justtext", "martlet.yaml is not a configuration", "one key a line"),
        ("smtp: {timeout: 5m", "is not YAML", "brackets"),
        ("tls.certificate: a.pem", "tls.certificate is given, but tls.key is not", "Set tls.key"),
        ("tls.key: a.pem", "tls.key is given, but tls.certificate is not", "Set tls.certificate"),
        ("listen.imap: 25", "smtp and imap both listen on port 25", "listen.imap: off"),
        (
            "listen.smtp: 26\nlisteners: [{service: imap}]", "listen.smtp has no effect, since listeners is given",
            "one of the two"
        ),
        ("listeners: [{service: gopher}]", "must be one of smtp, submission", "Correct it"),
        ("listeners: [{port: 25}]", "with a service in each", "Correct it"),
        ("listeners: [{service: smtp, prot: 25}]", "“prot” is none of these", "Correct it"),
    ]

    @Test(arguments: mistakes.indices)
    func aMistakeIsNamedWithItsRemedy(index: Int) {
        let mistake = Self.mistakes[index]
        #expect {
            try ServerConfiguration.read(yaml: mistake.yaml)
        } throws: { error in
            guard let error = error as? ConfigurationError else { return false }
            #expect(error.message.contains(mistake.message), "\(error.message)")
            #expect(error.remedy.contains(mistake.remedy), "\(error.remedy)")
            #expect(!error.message.contains("\n"))
            return true
        }
    }

    @Test(arguments: [
        "log.level", "=debug", "log.level=", "log.level=loud", "log.levle=info", "listeners=[{service: smtp}",
        "queue.retry=[1s",
    ])
    func anOverrideIsCheckedAlike(text: String) {
        #expect {
            try ServerConfiguration.read(overrides: [text])
        } throws: { error in
            (error as? ConfigurationError)?.message.contains("--set") == true
        }
    }

    @Test func aMissingFileIsNamed() {
        #expect {
            try ServerConfiguration.read(file: "/nonexistent/martlet.yaml")
        } throws: { error in
            (error as? ConfigurationError)?.message
                == "The configuration /nonexistent/martlet.yaml cannot be read: there is no such file."
        }
    }
}
