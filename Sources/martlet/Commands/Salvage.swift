import ArgumentParser
import Foundation
import MailServer

struct Salvage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Build a new index from the mail files.",
        discussion: """
            For a data folder whose index (store.sqlite) is lost or damaged. The content files say of each message whose it is and
            where it was delivered; whatever can still be read of the old index is taken from it: domains, passwords, aliases,
            settings, folders, and the flags and places that messages had at last.

            Without an old index, mail comes back as it was delivered: later flags and moves are lost, deleted mail and removed
            accounts may return, and accounts come back without a password (martlet account set ADDRESS --password). Mail that
            waited for other hosts comes back held. Mail programs fetch everything anew.

            Nothing is destroyed: the old index stays as store.sqlite.damaged-TIME, damaged content files keep a second name. A
            server must not run on the folder. If it is interrupted, the old state is still there; just run it again.

            EXIT STATUS
              0   all mail that the files hold is back
              1   refused, or parts of the files are damaged: what they held is listed
              75  a server runs on the folder, or the disk is full
            """)
    @Flag(help: "Keep the index, which must be sound, and add mail that it does not know: for an index from a backup.")
    var missing = false
    @Flag(help: "Say what would come back, and change nothing.") var dryRun = false
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let view = try await FolderSalvage.run(
            directory: node.folder, configuration: node.configuration(), onlyMissing: missing, isRehearsal: dryRun
        ) { [missing] done, total in
            missing
                ? Output.progress(Int(done), of: Int(total))
                : Output.progress(Int(done / 1_000_000), of: Int(total / 1_000_000), "MB")
        }
        Output.endProgress()
        if output.json {
            Output.write(view.json)
        } else {
            Output.write(view.onlyMissing ? Self.missingText(view) : Self.text(view))
        }
        if view.damageCount > 0 { throw ExitCode(1) }
    }

    private static func text(_ view: SalvageView) -> String {
        var lines: [String] = []
        lines.append(
            "\(view.dryRun ? "Would bring back" : "Brought back") \(view.messages) messages (\(Sizes.text(view.bytes))) of "
                + "\(view.accounts.count) accounts\(view.dryRun ? "; nothing has been changed" : "").")
        for account in view.accounts {
            lines.append(
                "  \(account.address): \(account.messages) messages, \(Sizes.text(account.bytes))"
                    + (account.password ? "" : ", no password"))
        }
        if let first = view.accounts.first(where: { !$0.password }) {
            lines.append("Set new passwords: martlet account set \(first.address) --password")
        }
        lines.append(
            view.taken.isEmpty
                ? "Nothing could be taken from an old index: flags and folders are those of delivery, and deleted mail may be back."
                : "Taken from the old index: \(view.taken.joined(separator: ", ")).")
        if !view.domainsMade.isEmpty {
            lines.append("Made anew, with the usual settings: domain \(view.domainsMade.joined(separator: ", ")).")
        }
        if view.queued > 0 {
            lines.append(
                "\(view.queued) recipients at other hosts are held, so that nothing is sent twice: martlet queue list")
        }
        if view.ofRemovedAccounts > 0 {
            lines.append("\(view.ofRemovedAccounts) messages of accounts that had been removed were left out.")
        }
        lines += view.notes.map { "Note: \($0)" }
        lines += damageLines(view)
        if !view.kept.isEmpty {
            lines.append("Kept, to be removed when all is well: \(view.kept.joined(separator: ", "))")
        }
        return lines.joined(separator: "\n")
    }

    private static func missingText(_ view: SalvageView) -> String {
        var lines: [String] = []
        if view.messages + view.queued == 0 {
            lines.append("The index knows all mail that is there; nothing has been changed.")
        } else {
            lines.append(
                "\(view.dryRun ? "Would add" : "Added") \(view.messages) messages that the index did not know"
                    + "\(view.queued > 0 ? ", and \(view.queued) recipients at other hosts, held" : "").")
            lines.append(
                "They are as they were delivered: some may have been deleted since, or never have been acknowledged.")
        }
        if !view.accounts.isEmpty {
            lines.append(
                "Accounts made anew, without a password: \(view.accounts.map(\.address).joined(separator: ", "))")
        }
        lines += damageLines(view)
        return lines.joined(separator: "\n")
    }

    private static func damageLines(_ view: SalvageView) -> [String] {
        guard view.damageCount > 0 else { return [] }
        let shown = view.damage.prefix(200)
        let rest = view.damageCount - shown.count
        return ["Could not be read:"] + shown.map { "  \($0)" } + (rest > 0 ? ["  and \(rest) more"] : [])
    }
}
