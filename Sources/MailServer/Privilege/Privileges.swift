import Glibc

/// What a process that root started has to give up before it works on a data folder, and how.
package struct Privileges {
    private let directory: String
    private let user: SystemUser?
    private let allowsCoreDumps: Bool

    /// Finds out whom to become, and refuses what could not work. See ``RunAs``.
    init(
        _ configuration: ServerConfiguration, directory: String, purpose: RunAs.Purpose
    ) throws(AdministrationFailure) {
        self.directory = directory
        allowsCoreDumps = configuration.server.coreDumps
        user = try RunAs.here(directory: directory).choose(
            configuration.server.user, for: purpose, directory: directory)
    }

    /// Makes the data folder for its user if there is none, becomes that user, and closes the process to others.
    func giveUp() throws(AdministrationFailure) {
        if let user {
            try FolderOwnership.make(directory, for: user)
            try PrivilegeDrop.become(user)
        }
        PrivilegeDrop.dropCapabilities()
        // Last, since changing the user changes it.
        ProcessProtection.allowCoreDumps(allowsCoreDumps)
    }

    /// For a command on the files: what root does on somebody's folder is done as its owner, who could not open root's files.
    package static func workAsOwner(
        of directory: String, _ configuration: ServerConfiguration
    ) throws(AdministrationFailure) {
        let runAs = RunAs.here(directory: directory)
        guard runAs.folderOwner != nil,
            let user = try runAs.choose(configuration.server.user, for: .administration, directory: directory)
        else { return }
        try PrivilegeDrop.become(user, alone: false)
    }
}
