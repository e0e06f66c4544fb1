import Accounts
import Foundation
import MailModel
import MailStore

extension AdministrationService {
    func runDomain(_ request: AdministrationRequest, _ actor: Actor, _ reply: Reply) async throws {
        switch request {
        case .domainAdd(let name):
            await reply(.object(AdministrationView.json(DomainView(try await accounts.addDomain(name, actor: actor)))))
        case .domainList:
            for record in try await accounts.domains() {
                await reply(.object(AdministrationView.json(DomainView(record))))
            }
        case .domainShow(let name):
            await reply(.object(AdministrationView.json(DomainView(try await accounts.domain(name)))))
        case .domainSet(let name, let settings):
            var change = DomainChange()
            if let catchAll = settings.catchAll { change.catchAll = .some(catchAll.isEmpty ? nil : catchAll) }
            if let separator = settings.subaddressSeparator {
                guard separator.count <= 1 else {
                    throw AdministrationFailure(
                        error: "invalidValue", message: "“\(separator)” is more than one character",
                        remedy: "use one of + - _ = # / ~")
                }
                change.subaddressSeparator = .some(separator.first)
            }
            let record = try await accounts.setDomain(name, change, actor: actor)
            await reply(.object(AdministrationView.json(DomainView(record))))
        case .domainRemove(let name):
            let record = try await accounts.domain(name)
            try await accounts.removeDomain(name, actor: actor)
            await reply(.object(AdministrationView.json(RemovalView(record.name.unicode))))
        default:
            break
        }
    }

    func runAccount(_ request: AdministrationRequest, _ actor: Actor, _ reply: Reply) async throws {
        switch request {
        case .accountAdd(let account):
            let record = try await accounts.addAccount(Self.specification(account), actor: actor)
            await reply(.object(try await view(record)))
        case .accountImport(let lines, let firstLine):
            try await importAccounts(lines, firstLine, actor, reply)
        case .accountList:
            var after: String?
            repeat {
                let page = try await accounts.accounts(after: after, limit: 1000)
                for record in page { await reply(.object(AdministrationView.json(AccountView(record)))) }
                after = page.count == 1000 ? page.last?.address.key : nil
            } while after != nil
        case .accountShow(let address):
            await reply(.object(try await view(try await accounts.account(address))))
        case .accountSet(let address, let settings):
            await reply(.object(try await view(try await set(address, settings, actor))))
        case .accountEnable(let address, let isEnabled):
            let record = try await accounts.setEnabled(isEnabled, account: address, actor: actor)
            await reply(.object(try await view(record)))
        case .accountRemove(let address):
            let record = try await accounts.account(address)
            try await accounts.removeAccount(address, actor: actor)
            await reply(.object(AdministrationView.json(RemovalView(record.address.description))))
        default:
            break
        }
    }

    private static func specification(_ account: AdministrationRequest.AccountToAdd) -> AccountSpecification {
        let secret: AccountSpecification.Secret =
            if let hash = account.passwordHash {
                .hash(hash)
            } else if let password = account.password {
                .password(password)
            } else {
                .none
            }
        return AccountSpecification(
            address: account.address, name: account.name ?? "", quota: account.quota, secret: secret,
            aliases: account.aliases ?? [])
    }

    private func view(_ record: AccountRecord) async throws -> String {
        var view = AccountView(record)
        let usage = try await shard.account(record.id).quota()
        view.used = usage.bytes
        view.messages = usage.messages
        view.aliases = try await accounts.aliases(of: record.address.ascii).map(\.address.description)
        return AdministrationView.json(view)
    }

    private func set(
        _ address: String, _ settings: AdministrationRequest.AccountSettings, _ actor: Actor
    ) async throws -> AccountRecord {
        var change = AccountChange()
        change.name = settings.name
        if let quota = settings.quota { change.quota = .some(quota == 0 ? nil : quota) }
        if let names = settings.protocols {
            guard let protocols = ProtocolNames.set(names) else {
                throw AdministrationFailure(
                    error: "invalidValue", message: "“\(names.joined(separator: ","))” names an unknown protocol",
                    remedy: "use submission, imap, pop3 and http")
            }
            change.protocols = protocols
        }
        change.networks = settings.networks
        switch settings.pop3 {
        case nil: break
        case "leave": change.pop3 = .leaveOnServer
        case "delete": change.pop3 = .deleteAfterDownload
        case let text?:
            guard let days = Int(text) else {
                throw AdministrationFailure(
                    error: "invalidValue", message: "“\(text)” is no POP3 policy",
                    remedy: "use leave, delete or a number of days")
            }
            change.pop3 = .expireAfter(days: days)
        }
        // First, as it is what is refused most often: then nothing else has changed.
        if let password = settings.password {
            try await accounts.setPassword(password, account: address, actor: actor)
        } else if let hash = settings.passwordHash {
            try await accounts.setPasswordHash(hash, account: address, actor: actor)
        }
        return try await accounts.setAccount(address, change, actor: actor)
    }

    private func importAccounts(_ lines: [String], _ firstLine: Int, _ actor: Actor, _ reply: Reply) async throws {
        let sequence = AsyncStream<String> { continuation in
            for line in lines { continuation.yield(line) }
            continuation.finish()
        }
        try await accounts.importAccounts(sequence, firstLine: firstLine, actor: actor) { result in
            await reply(.object(AdministrationView.json(result)))
        }
    }
}
