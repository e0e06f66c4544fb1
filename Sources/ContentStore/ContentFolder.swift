import Glibc
import Synchronization

/// Where a record is. In an object file, `segment` is 0 and the file's name is the content id.
package struct ContentLocation: Hashable, Sendable {
    package let contentID: Int64
    package let segment: Int64
    package let offset: Int64
    /// Of the whole record.
    package let length: Int64

    package init(contentID: Int64, segment: Int64, offset: Int64, length: Int64) {
        self.contentID = contentID
        self.segment = segment
        self.offset = offset
        self.length = length
    }

    package var isObject: Bool { segment == 0 }
}

/// The content of one shard: `content/` with segments, `objects/` with large records, `spool/` with what is coming in.
package final class ContentFolder: Sendable {
    package let path: String
    package let files: FileOperations
    package let seal = ContentSeal.none
    let frames = FrameCache()
    /// Stored bytes from which a record becomes a file of its own.
    package let objectThreshold: Int
    private let nextSpool = Mutex<UInt64>(0)
    private let open = Mutex<[Int64: OpenSegment]>([:])

    /// Segments kept open for reading.
    private static let maximumOpen = 64

    /// Creates what is missing and removes spool files of an earlier run.
    package init(path: String, files: FileOperations = FileOperations(), objectThreshold: Int) throws(ContentError) {
        self.path = path
        self.files = files
        self.objectThreshold = objectThreshold
        var isNew = false
        for name in ["content", "objects", "spool"] {
            let folder = path + "/" + name
            if mkdir(folder, 0o700) == 0 {
                isNew = true
            } else if errno != EEXIST {
                throw .io("create \(folder)", errno)
            }
        }
        // A synced file in a folder whose name is not on disk would be lost with it.
        if isNew { try files.syncDirectory(path) }
        for name in Self.names(in: path + "/spool") { unlink(path + "/spool/" + name) }
    }

    /// The file's name below the data folder.
    package func segmentName(_ number: Int64) -> String {
        let digits = String(number)
        return "content/" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".seg"
    }

    package func segmentPath(_ number: Int64) -> String { path + "/" + segmentName(number) }

    /// The file's name below the data folder.
    package func objectName(_ contentID: Int64) -> String { "objects/\(contentID)" }

    package func objectPath(_ contentID: Int64) -> String { path + "/" + objectName(contentID) }

    func newSpoolFile() throws(ContentError) -> SpoolFile {
        let number = nextSpool.withLock { number in
            number += 1
            return number
        }
        return try SpoolFile(path: path + "/spool/\(number)", files: files)
    }

    /// Numbers of the segments there are, ascending.
    package func segments() -> [Int64] {
        Self.names(in: path + "/content").compactMap { $0.hasSuffix(".seg") ? Int64($0.dropLast(4)) : nil }.sorted()
    }

    /// Content ids of the objects there are.
    package func objects() -> [Int64] { Self.names(in: path + "/objects").compactMap { Int64($0) } }

    package func removeObject(_ contentID: Int64) { unlink(objectPath(contentID)) }

    package func objectLength(_ contentID: Int64) -> Int64? { Self.length(of: objectPath(contentID)) }

    private static let asideSuffix = ".orphan"

    /// Puts away an object that no row refers to. It is not removed at once: should the index be an old one, it is all that is
    /// left of a message.
    package func setAsideObject(_ contentID: Int64) {
        rename(objectPath(contentID), objectPath(contentID) + Self.asideSuffix)
        // Its age counts from now.
        utimensat(AT_FDCWD, objectPath(contentID) + Self.asideSuffix, nil, 0)
    }

    /// Content ids of objects put away, ascending.
    package func objectsSetAside() -> [Int64] {
        Self.names(in: path + "/objects").compactMap { name in
            name.hasSuffix(Self.asideSuffix) ? Int64(name.dropLast(Self.asideSuffix.count)) : nil
        }.sorted()
    }

    /// Brings an object back that was put away, unless another has its place.
    package func restoreObject(_ contentID: Int64) {
        link(objectPath(contentID) + Self.asideSuffix, objectPath(contentID))
    }

    /// Removes what was put away before `time`, in seconds since 1970.
    package func removeObjectsSetAside(before time: Int64) {
        for id in objectsSetAside() {
            let path = objectPath(id) + Self.asideSuffix
            var status = stat()
            if stat(path, &status) == 0, Int64(status.st_mtim.tv_sec) < time { unlink(path) }
        }
    }

    package func removeSegment(_ number: Int64) {
        open.withLock { _ = $0.removeValue(forKey: number) }
        unlink(segmentPath(number))
    }

    package func segmentLength(_ number: Int64) -> Int64? { Self.length(of: segmentPath(number)) }

    /// When the segment was last written to, in seconds since 1970.
    package func segmentChanged(_ number: Int64) -> Int64? {
        var status = stat()
        return stat(segmentPath(number), &status) == 0 ? Int64(status.st_mtim.tv_sec) : nil
    }

    /// Whether the segment has a second name, in a snapshot.
    package func isShared(_ number: Int64) -> Bool {
        var status = stat()
        return stat(segmentPath(number), &status) == 0 && status.st_nlink > 1
    }

    /// Bytes in a file; nil if there is none.
    package static func length(of path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    private static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The file that holds the record; segments stay open for the next reader.
    func descriptor(for location: ContentLocation) throws(ContentError) -> OpenSegment {
        if location.isObject { return try OpenSegment(objectPath(location.contentID)) }
        if let known = open.withLock({ $0[location.segment] }) { return known }
        let opened = try OpenSegment(segmentPath(location.segment))
        open.withLock { open in
            if open.count >= Self.maximumOpen, let oldest = open.keys.min() { open[oldest] = nil }
            open[location.segment] = opened
        }
        return opened
    }
}

/// A file open for reading; closes with its last reader.
final class OpenSegment: Sendable {
    let descriptor: Int32

    init(_ path: String) throws(ContentError) {
        descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw .damaged("the file \(path) is missing") }
            throw .io("open \(path)", errno)
        }
    }

    deinit { close(descriptor) }
}
