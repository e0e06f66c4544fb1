import Foundation
import MailServer
import Testing

@Suite struct ConfigurationReferenceTests {
    @Test func namesAreUniqueAndLowerCamelCase() {
        let names = ConfigurationReference.keys.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.wholeMatch(of: /[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*/) != nil, "\(name)")
        }
    }

    @Test func noSummaryBreaksItsTable() {
        for key in ConfigurationReference.keys {
            #expect(!key.summary.isEmpty && !key.summary.contains { $0 == "|" || $0 == "\n" }, "\(key.name)")
            #expect(!key.unit.contains("|") && !key.defaultText.contains("|"), "\(key.name)")
        }
    }

    @Test func everyWrittenDefaultReadsBackAsTheDefault() throws {
        for key in ConfigurationReference.keys
        where !key.defaultText.isEmpty && !key.defaultText.contains(/machine|domain|system/) {
            let configuration = try ServerConfiguration.read(overrides: ["\(key.name)=\(key.defaultText)"])
            #expect(configuration == ServerConfiguration(), "\(key.name)")
        }
    }

    @Test func helpNamesEveryKeyWithinEightyColumns() {
        let help = ConfigurationReference.help()
        for key in ConfigurationReference.keys { #expect(help.contains("  \(key.name)  <")) }
        for line in help.split(separator: "\n") where line.hasPrefix("      ") { #expect(line.count <= 80) }
    }

    /// After a change to the keys: `MARTLET_WRITE_DOCS=1 swift test --filter ConfigurationReferenceTests`.
    @Test func thePageIsTheTable() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = root.appending(path: "docs/configuration.md")
        if ProcessInfo.processInfo.environment["MARTLET_WRITE_DOCS"] != nil {
            try Data(ConfigurationReference.markdown().utf8).write(to: page)
        }
        #expect(try String(contentsOf: page, encoding: .utf8) == ConfigurationReference.markdown())
    }
}
