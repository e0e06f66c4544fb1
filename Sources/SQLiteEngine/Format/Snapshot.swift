package import ContentStore
import FoundationEssentials
import Glibc
import MailModel
package import MailStore

/// The data folder as it was: `snapshots/format-N-TIME/` holds the index of that moment and second names of the content files,
/// which never change. The server does not need it; it is there for `martlet rollback` until somebody removes it.
package struct Snapshot: Sendable {
    package struct Segment: Codable, Hashable, Sendable {
        package let number: Int64
        /// What belongs to the snapshot; a segment that was still being written may have grown since.
        package let length: Int64
    }

    /// `manifest.json`.
    package struct Manifest: Codable, Sendable {
        package let format: Int64
        /// Who made the snapshot.
        package let program: String
        /// RFC 3339, UTC.
        package let time: String
        /// Why: `upgrade to 1`, `rollback to 0`.
        package let reason: String
        package let segments: [Segment]
        package let objects: [Int64]
    }

    package let path: String
    package let manifest: Manifest

    package var format: StoreFormat { StoreFormat(manifest.format) }
    var index: IndexFile { IndexFile(directory: path) }
    var hasLog: Bool { (ContentFolder.length(of: index.path + "-wal") ?? 0) > 0 }
}

/// The folder of snapshots.
package struct Snapshots {
    private let directory: String
    private let files: FileOperations
    private var folder: String { directory + "/snapshots" }
    private var index: IndexFile { IndexFile(directory: directory) }
    /// Where a snapshot is made before it gets its name.
    private var unfinished: String { folder + "/unfinished" }

    package init(directory: String, files: FileOperations = FileOperations()) {
        self.directory = directory
        self.files = files
    }

    /// Those there are, oldest first. One without a readable manifest is none.
    package func all() -> [Snapshot] {
        FolderListing.names(in: folder).compactMap { name in
            let path = folder + "/" + name
            guard name.hasPrefix("format-"), let bytes = FolderListing.bytes(of: path + "/manifest.json"),
                let manifest = try? JSONDecoder().decode(Snapshot.Manifest.self, from: Data(bytes))
            else { return nil }
            return Snapshot(path: path, manifest: manifest)
        }.sorted { ($0.manifest.time, $0.path) < ($1.manifest.time, $1.path) }
    }

    /// Removes what an attempt has left that did not come to its end: its index is still the one in use. One that has a log as
    /// well may be the only one that has it.
    func removeUnfinished() {
        FolderListing.remove(unfinished)
        guard let current = index.identity else { return }
        for snapshot in all() where snapshot.index.identity == current && !snapshot.hasLog {
            FolderListing.remove(snapshot.path)
        }
    }

    /// Makes one of the index, which nobody has open. On return it is durable. `withLog`: for an index that cannot be read and
    /// whose log cannot be emptied.
    func make(
        format: StoreFormat, program: String, time: Timestamp, reason: String, withLog: Bool = false
    ) throws(StoreError) -> Snapshot {
        let time = Date(timeIntervalSince1970: Double(time.seconds)).formatted(.iso8601)
        return try storeErrors { () throws(ContentError) in
            let content = try ContentFolder(path: directory, files: files, objectThreshold: .max)
            let segments = content.segments().map {
                Snapshot.Segment(number: $0, length: content.segmentLength($0) ?? 0)
            }
            let manifest = Snapshot.Manifest(
                format: format.number, program: program, time: time, reason: reason, segments: segments,
                objects: content.objects().sorted())
            for path in [folder, unfinished, unfinished + "/content", unfinished + "/objects"] {
                guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .io("create \(path)", errno) }
                FileOperations.giveToOwner(of: directory, path)
            }
            try link(manifest, content)
            if withLog, ContentFolder.length(of: index.path + "-wal") != nil {
                try files.link(index.path + "-wal", unfinished + "/" + IndexFile.name + "-wal")
            }
            try write(manifest)
            for path in [unfinished + "/content", unfinished + "/objects", unfinished] { try files.syncDirectory(path) }
            let path = folder + "/" + name(format, time)
            guard rename(unfinished, path) == 0 else { throw .io("rename \(unfinished)", errno) }
            try files.syncDirectory(folder)
            try files.syncDirectory(directory)
            return Snapshot(path: path, manifest: manifest)
        }
    }

    private func name(_ format: StoreFormat, _ time: String) -> String {
        let digits = time.filter { $0 != "-" && $0 != ":" }
        let name = "format-\(format)-\(digits)"
        var free = name
        var number = 1
        while ContentFolder.length(of: folder + "/" + free) != nil {
            number += 1
            free = "\(name)-\(number)"
        }
        return free
    }

    private func link(_ manifest: Snapshot.Manifest, _ content: ContentFolder) throws(ContentError) {
        if index.exists { try files.link(index.path, unfinished + "/" + IndexFile.name) }
        for segment in manifest.segments {
            let path = content.segmentPath(segment.number)
            try files.link(path, unfinished + "/content/" + (path.split(separator: "/").last ?? ""))
        }
        for object in manifest.objects { try files.link(content.objectPath(object), unfinished + "/objects/\(object)") }
    }

    private func write(_ manifest: Snapshot.Manifest) throws(ContentError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(manifest) else { throw .damaged("the manifest cannot be written") }
        let descriptor = try files.create(unfinished + "/manifest.json")
        defer { close(descriptor) }
        try Array(data + [0x0A]).withRawBytes { bytes throws(ContentError) in try files.write(descriptor, bytes, 0) }
        FileOperations.giveToOwner(of: directory, unfinished + "/manifest.json")
        try files.sync(descriptor)
    }

    /// Gives content files back that the data folder has lost since: those of mail purged meanwhile.
    func restoreContent(of snapshot: Snapshot) throws(StoreError) {
        try storeErrors { () throws(ContentError) in
            for kind in ["content", "objects"] {
                for name in FolderListing.names(in: snapshot.path + "/" + kind) {
                    let target = directory + "/\(kind)/\(name)"
                    if ContentFolder.length(of: target) != nil { continue }
                    try files.link(snapshot.path + "/\(kind)/\(name)", target)
                }
                try files.syncDirectory(directory + "/" + kind)
            }
        }
    }
}
