import ContentStore
import Glibc
import MailStore

/// Puts a new index in the place of one that may be damaged, log and all, so that a kill leaves the one or the other.
///
/// An index is up to three files, and a rename moves one. So the old files first get second names; then the new index is given the
/// name `store.sqlite.ready`, which is the instant of commitment; from then on whoever opens the folder finishes: the old log goes,
/// the new index takes its place.
struct IndexExchange {
    let directory: String
    let files: FileOperations

    /// Where the new index is built.
    var draft: IndexFile { IndexFile(directory + "/store.sqlite.salvage") }
    var ready: IndexFile { IndexFile(directory + "/store.sqlite.ready") }
    private var current: IndexFile { IndexFile(directory: directory) }

    /// Exchanges the draft, which nobody has open and whose log is empty, for the index. Returns the old one's new name, in which
    /// `label` says what it is.
    func commit(_ label: String, time: Int64) throws(StoreError) -> String? {
        let kept = try keepOld(label, time)
        try draft.replace(ready, files)
        try finish()
        return kept
    }

    private func keepOld(_ label: String, _ time: Int64) throws(StoreError) -> String? {
        guard current.exists else { return nil }
        var name = "store.sqlite.\(label)-\(time)"
        var number = 1
        while ContentFolder.length(of: directory + "/" + name) != nil {
            number += 1
            name = "store.sqlite.\(label)-\(time)-\(number)"
        }
        let target = directory + "/" + name
        try storeErrors { () throws(ContentError) in
            try files.link(current.path, target)
            if ContentFolder.length(of: current.path + "-wal") != nil {
                try files.link(current.path + "-wal", target + "-wal")
            }
            try files.syncDirectory(directory)
        }
        return name
    }

    /// Carries an exchange to its end that a kill has interrupted, and removes what an unfinished draft has left.
    func finish() throws(StoreError) {
        if ready.exists {
            for suffix in ["-wal", "-shm", "-journal"] { unlink(current.path + suffix) }
            try ready.replace(current, files)
        }
        draft.remove()
    }
}
