import Accounts
import Delivery
import Foundation
import Logging
import MailModel
import MailQueue
import MailStore
import SQLiteEngine

/// An open data folder with the services that work on it. A server adds listeners; an administrative command does not.
package final class MailNode: Sendable {
    package enum Role: Sendable {
        case server
        /// A command that works on the files because no server runs: makes no folder.
        case administration
    }

    package let directory: String
    package let configuration: ServerConfiguration
    let shard: any Shard
    let administrationOfAccounts: AccountAdministration
    let sessions: SessionRegistry
    let authenticator: Authenticator
    let addressBook: AddressBook
    let queue: MailQueue
    let delivery: DeliveryService

    /// Opens the folder, which belongs to one process at a time.
    package static func open(directory: String, configuration: ServerConfiguration, role: Role) async throws -> MailNode
    {
        let path = URL(filePath: directory).standardizedFileURL.path
        if role == .administration, !FileManager.default.fileExists(atPath: path) {
            throw AdministrationFailure(
                error: "noDirectory", message: "there is no data folder \(path)",
                remedy: "name it with --directory, or start a server on it first: martlet serve --directory \(path)")
        }
        // Whatever the program writes, whoever started it: the owner's alone.
        umask(0o077)
        if role == .server, let exposure = FolderOwnership.exposure(of: path) {
            Logger(label: "store").warning("\(exposure)")
        }
        let shard = try await DataFolder.open(path, configuration, role: role)
        return try MailNode(directory: path, configuration: configuration, shard: shard)
    }

    private init(directory: String, configuration: ServerConfiguration, shard: any Shard) throws {
        self.directory = directory
        self.configuration = configuration
        self.shard = shard
        guard let hostName = DomainName(configuration.hostName) else {
            throw AdministrationFailure(
                error: "configuration", message: "server.name “\(configuration.hostName)” is not a host name",
                remedy: "set server.name to this machine's full name, such as mail.example.org")
        }
        let hasher = PasswordHasher()
        administrationOfAccounts = AccountAdministration(
            directory: shard.directory, hasher: hasher,
            policy: PasswordPolicy(minimumLength: configuration.password.minimumLength))
        sessions = SessionRegistry(directory: shard.directory, limit: configuration.limits.sessionsPerAccount)
        var login = Authenticator.Settings()
        login.limits.perAddress = configuration.limits.loginFailures
        login.limits.perAccount = configuration.limits.loginFailuresPerAccount
        login.limits.forgiveness = Int(configuration.limits.loginForgiveness.components.seconds)
        login.limits.loopback = configuration.limits.loopback
        authenticator = Authenticator(directory: shard.directory, sessions: sessions, hasher: hasher, settings: login)
        let postmaster = configuration.server.postmaster.flatMap { EmailAddress($0) }
        addressBook = AddressBook(directory: shard.directory, settings: .init(postmaster: postmaster))
        queue = MailQueue(
            store: shard.queue, times: QueueTimes(expire: configuration.queue.expire.components.seconds))
        let settings = DeliverySettings(
            hostName: hostName, maximumSize: Int(configuration.smtp.maximumSize),
            maximumRecipients: configuration.smtp.maximumRecipients, maximumHops: configuration.smtp.maximumHops)
        delivery = DeliveryService(shard: shard, addressBook: addressBook, queue: queue, settings: settings)
    }

    package func close() async { await shard.close() }

    /// Administration without a server: `status` says that none runs.
    package func administration() -> AdministrationService {
        AdministrationService(
            shard: shard, accounts: administrationOfAccounts, queue: queue,
            status: { [self] in await status(StatusView.Running?.none) },
            reload: {
                throw AdministrationFailure(
                    error: "notRunning", message: "no server runs on \(self.directory)",
                    remedy: "start one: martlet serve")
            }, inspectFiles: { self.certificateFindings() })
    }

    func certificateFindings() -> [VerifyReport.Finding] {
        CertificateInspection(directory: directory, configuration: configuration).findings()
    }

    func status(_ running: StatusView.Running?) async -> StatusView {
        let domains = (try? await shard.directory.domains(tenant: nil).count) ?? 0
        let queued = (try? await shard.queue.count()) ?? 0
        return StatusView(directory: directory, domains: domains, queue: queued, running: running)
    }
}
