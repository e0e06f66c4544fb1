import MailServer
import Testing

@Suite struct CommandLineSecretsTests {
    @Test(arguments: [
        ("hunter2", "--password", 0), ("--password=hunter2", "demo", 11), ("s3.secretKey=x", "--set", 13),
        ("--set=s3.secretKey=x", "demo", 19), ("s3.Token=", "--set", 9),
    ])
    func secretsAreFound(argument: String, before: String, start: Int) {
        #expect(CommandLineSecrets.secret(argument, after: before, options: ["--password"]) == start)
    }

    @Test(arguments: [
        ("--password", "demo"), ("hunter2", "--directory"), ("log.level=debug", "--set"),
        ("s3.secretKey=x", "--directory"),
        ("--passwords=x", "demo"), ("", ""),
    ])
    func theRestStays(argument: String, before: String) {
        #expect(CommandLineSecrets.secret(argument, after: before, options: ["--password"]) == nil)
    }
}
