import MailServer
import Testing

@Suite struct RunAsTests {
    private static let root = SystemUser(name: "root", id: 0, group: 0)
    private static let martlet = SystemUser(name: "martlet", id: 990, group: 990)
    private static let ada = SystemUser(name: "ada", id: 1000, group: 1000)

    private static func runAs(
        _ current: SystemUser, folder: SystemUser? = nil, known: [SystemUser] = [root, martlet, ada]
    ) -> RunAs {
        RunAs(current: current, folderOwner: folder) { name in known.first { $0.name == name } }
    }

    private static func choose(
        _ runAs: RunAs, _ setting: String? = nil, _ purpose: RunAs.Purpose = .service
    ) throws -> SystemUser? {
        try runAs.choose(setting, for: purpose, directory: "/var/lib/martlet")
    }

    private static func refusal(_ runAs: RunAs, _ setting: String? = nil, _ purpose: RunAs.Purpose = .service)
        -> AdministrationFailure?
    {
        #expect(throws: AdministrationFailure.self) { try choose(runAs, setting, purpose) }
    }

    @Test func whoIsNotRootStaysWhoItIs() throws {
        #expect(try Self.choose(Self.runAs(Self.ada)) == nil)
        #expect(try Self.choose(Self.runAs(Self.ada, folder: Self.ada), "ada") == nil)
        #expect(Self.refusal(Self.runAs(Self.ada), "martlet")?.error == "notRoot")
    }

    @Test func rootBecomesTheConfiguredUser() throws {
        #expect(try Self.choose(Self.runAs(Self.root), "ada") == Self.ada)
        #expect(try Self.choose(Self.runAs(Self.root, folder: Self.ada), "ada") == Self.ada)
        #expect(try Self.choose(Self.runAs(Self.root, folder: Self.root), "root") == nil)
        let unknown = try #require(Self.refusal(Self.runAs(Self.root), "nobody-here"))
        #expect(unknown.error == "noUser" && unknown.remedy.contains("useradd --system"))
    }

    @Test func withoutASettingRootBecomesTheOwnerOfTheFolderElseTheUsualUser() throws {
        #expect(try Self.choose(Self.runAs(Self.root, folder: Self.ada)) == Self.ada)
        #expect(try Self.choose(Self.runAs(Self.root)) == Self.martlet)
        let refusal = try #require(Self.refusal(Self.runAs(Self.root, known: [Self.root])))
        #expect(refusal.error == "root" && refusal.remedy.contains("server.user"))
    }

    @Test func theFolderMustBelongToWhoWorksOnIt() throws {
        let chown = try #require(Self.refusal(Self.runAs(Self.root, folder: Self.root)))
        #expect(chown.error == "notOwner" && chown.remedy.contains("chown -R martlet: /var/lib/martlet"))
        #expect(Self.refusal(Self.runAs(Self.ada, folder: Self.martlet))?.remedy.contains("run as martlet") == true)
        #expect(Self.refusal(Self.runAs(Self.root, folder: Self.ada), "root")?.error == "notOwner")
    }

    @Test(arguments: [RunAs.Purpose.demonstration, .administration])
    func demonstrationsAndCommandsMayBeRoots(purpose: RunAs.Purpose) throws {
        #expect(try Self.choose(Self.runAs(Self.root), nil, purpose) == nil)
        #expect(try Self.choose(Self.runAs(Self.root, folder: Self.root, known: []), nil, purpose) == nil)
        #expect(try Self.choose(Self.runAs(Self.root, folder: Self.ada), nil, purpose) == Self.ada)
    }

    @Test func aNumberWithoutANameIsAUserToo() {
        #expect(SystemUser.find("0") == SystemUser.find("root"))
        #expect(SystemUser.find("no such user") == nil)
        #expect(SystemUser(name: nil, id: 4711, group: 4711).description == "4711")
    }
}
