import Glibc

/// A file in `spool/`; its name goes with its last reference. An object keeps the bytes under a name of its own.
package final class SpoolFile: Sendable {
    package let path: String
    let descriptor: Int32

    init(path: String, files: FileOperations) throws(ContentError) {
        self.path = path
        descriptor = try files.create(path)
    }

    deinit {
        Glibc.close(descriptor)
        unlink(path)
    }
}
