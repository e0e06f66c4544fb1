import FoundationEssentials

/// Where a server certificate is kept: PEM files with the chain, leaf first, and with the private key.
package struct CertificateFiles: Hashable, Sendable {
    package let certificate: String
    package let key: String

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }

    /// What tells one state of the files from another without reading them; nil members for missing files.
    struct Stamp: Hashable, Sendable {
        struct File: Hashable, Sendable {
            let number: UInt64
            let size: UInt64
            let modified: Date
        }

        let certificate: File?
        let key: File?
    }

    /// A sentence if others than the owner and the group may read the key: whoever can may pose as this server.
    var exposure: String? {
        guard let access = FileAccess(of: key), access.permissions & 0o007 != 0 else { return nil }
        return "everybody on this machine may use the private key \(key); `chmod o= \(key)` ends that"
    }

    /// A sentence if this process could not read the files again, as after their renewal.
    var obstacle: String? {
        ReadPermission.missing(for: key) ?? ReadPermission.missing(for: certificate)
    }

    var stamp: Stamp { Stamp(certificate: Self.stamp(of: certificate), key: Self.stamp(of: key)) }

    private static func stamp(of path: String) -> Stamp.File? {
        // Through symbolic links, as certificate tools switch a link to the newest file.
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target),
            let number = attributes[.systemFileNumber] as? UInt64, let size = attributes[.size] as? UInt64,
            let modified = attributes[.modificationDate] as? Date
        else { return nil }
        return Stamp.File(number: number, size: size, modified: modified)
    }
}
