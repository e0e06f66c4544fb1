import Glibc

/// The file operations that a disk may refuse, replaceable so that a test can play a full or failing disk.
package struct FileOperations: Sendable {
    /// Opens for reading and writing, creating with mode 0600.
    package var create: @Sendable (_ path: String) throws(ContentError) -> Int32
    /// Writes all bytes at `offset`.
    package var write:
        @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int) throws(ContentError) -> Void
    /// fdatasync(2).
    package var sync: @Sendable (_ descriptor: Int32) throws(ContentError) -> Void
    /// Gives a file a second name.
    package var link: @Sendable (_ from: String, _ to: String) throws(ContentError) -> Void
    /// Makes names in a folder durable.
    package var syncDirectory: @Sendable (_ path: String) throws(ContentError) -> Void

    /// Bytes that may still be written on the disk of a path; nil if it does not say.
    package var freeSpace: @Sendable (_ path: String) -> Int64?

    package init() {
        freeSpace = FileOperations.systemFreeSpace
        create = FileOperations.systemCreate
        write = FileOperations.systemWrite
        sync = { descriptor throws(ContentError) in
            guard fdatasync(descriptor) == 0 else { throw ContentError.io("fdatasync", errno) }
        }
        #if SYNCS_CAN_BE_OMITTED
        if OmittedSync.includes("segment") { sync = { _ throws(ContentError) in } }
        #endif
        link = { from, to throws(ContentError) in
            guard Glibc.link(from, to) == 0 else { throw ContentError.io("link \(to)", errno) }
        }
        syncDirectory = { path throws(ContentError) in
            let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { throw ContentError.io("open \(path)", errno) }
            defer { close(descriptor) }
            guard fsync(descriptor) == 0 else { throw ContentError.io("fsync \(path)", errno) }
        }
    }

    /// The same without waiting for the disk: for tests.
    package var withoutWaiting: FileOperations {
        var files = self
        files.sync = { _ throws(ContentError) in }
        files.syncDirectory = { _ throws(ContentError) in }
        return files
    }

    private static func systemFreeSpace(_ path: String) -> Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int64(clamping: status.f_bavail.multipliedReportingOverflow(by: status.f_frsize).partialValue)
    }

    private static func systemCreate(_ path: String) throws(ContentError) -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .io("create \(path)", errno) }
        return descriptor
    }

    private static func systemWrite(
        _ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int
    ) throws(ContentError) {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let written = pwrite(descriptor, base + done, bytes.count - done, offset + done)
            if written > 0 {
                done += written
            } else if written == 0 {
                throw .io("write", ENOSPC)
            } else if errno != EINTR {
                throw .io("write", errno)
            }
        }
    }

    /// What root has made in a data folder is the folder's owner's: the server runs as that one.
    package static func giveToOwner(of folder: String, _ path: String) {
        var owner = stat()
        guard geteuid() == 0, stat(folder, &owner) == 0, owner.st_uid != 0 else { return }
        lchown(path, owner.st_uid, owner.st_gid)
    }

    /// Reads `length` bytes at `offset`, or as many as there are.
    package static func read(_ descriptor: Int32, at offset: Int, length: Int) throws(ContentError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: max(length, 0)) { buffer, count in
            while count < length, let base = buffer.baseAddress {
                let got = pread(descriptor, base + count, length - count, offset + count)
                if got > 0 {
                    count += got
                } else if got == 0 {
                    return
                } else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        guard failure == 0 else { throw .io("read", failure) }
        return bytes
    }
}

/// Why content could not be written or read.
package enum ContentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The operation and its errno.
    case io(String, Int32)
    /// Bytes that fail their checksum or make no sense.
    case damaged(String)
    /// Written by a newer version of the program.
    case newerFormat(String)

    /// The disk, or the share of it that may be used, is full.
    package var isFull: Bool {
        if case .io(_, let code) = self { code == ENOSPC || code == EDQUOT } else { false }
    }

    package var description: String {
        switch self {
        case .io(let operation, let code): "\(operation): \(String(cString: strerror(code)))"
        case .damaged(let what): what
        case .newerFormat(let what): "\(what) was written by a newer version"
        }
    }
}
