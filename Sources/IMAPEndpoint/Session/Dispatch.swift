import IMAPWire
import MailModel
import MailStore

extension IMAPSession {
    /// Runs a command that the state admits; what it has to tell is written, the tagged reply is returned; nil
    /// if that has been written too.
    func perform(_ tag: String, _ command: Command) async throws(StoreError) -> Completion? {
        switch command {
        case .capability: return capability()
        case .noop: return .ok("NOOP completed")
        case .logout: return logout()
        case .id(let fields): return id(fields)
        case .startTLS: return await startTLS(tag)
        case .authenticate(let mechanism, let response): return await authenticate(mechanism, response?.value)
        case .login(let user, let password): return await login(user, password.value)
        case .enable(let capabilities): return enable(capabilities)
        case .select(let select): return try await self.select(select)
        case .create(let name, let uses): return try await create(name, uses)
        case .delete(let name): return try await delete(name)
        case .rename(let from, let to): return try await rename(from, to)
        case .subscribe(let name): return try await subscribe(name)
        case .unsubscribe(let name): return try await unsubscribe(name)
        case .list(let list): return try await self.list(list)
        case .lsub(let reference, let pattern): return try await lsub(reference, pattern)
        case .namespace: return namespace()
        case .status(let name, let items): return try await status(name, items)
        case .getQuota(let root): return try await getQuota(root)
        case .getQuotaRoot(let name): return try await getQuotaRoot(name)
        case .setQuota: return .no("Quotas are set by the administrator", code: .noPermission)
        case .idle: return await idle()
        case .check: return .ok("CHECK completed")
        case .close: return try await close()
        case .unselect: return unselect()
        case .expunge: return try await expunge(nil)
        case .uidExpunge(let uids): return try await expunge(uids)
        case .search(let search): return try await self.search(tag, search)
        case .fetch(let fetch): return try await self.fetch(fetch)
        case .store(let store): return try await self.store(store)
        case .copy(let copy): return try await self.copy(copy)
        case .move(let move): return try await self.move(move)
        }
    }
}
