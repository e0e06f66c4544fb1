package import ContentStore
import Glibc

extension AccountEpoch {
    /// What the folder's file `epoch` says; the very first epoch if there is none or it cannot be read.
    package static func read(directory: String) -> AccountEpoch {
        let descriptor = open(directory + "/epoch", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return AccountEpoch() }
        defer { close(descriptor) }
        guard let bytes = try? FileOperations.read(descriptor, at: 0, length: 100) else { return AccountEpoch() }
        let numbers = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap {
            Int64($0)
        }
        guard numbers.count == 2 else { return AccountEpoch() }
        return AccountEpoch(number: max(numbers[0], 1), validity: max(numbers[1], 0))
    }

    /// Writes the file, durably.
    package func write(directory: String, files: FileOperations = FileOperations()) throws(StoreError) {
        let path = directory + "/epoch"
        let new = path + ".new"
        do throws(ContentError) {
            unlink(new)
            let descriptor = try files.create(new)
            defer { close(descriptor) }
            let text = Array("\(number) \(validity)\n".utf8)
            try text.withRawBytes { bytes throws(ContentError) in try files.write(descriptor, bytes, 0) }
            FileOperations.giveToOwner(of: directory, new)
            try files.sync(descriptor)
            guard rename(new, path) == 0 else { throw .io("rename \(new)", errno) }
            try files.syncDirectory(directory)
        } catch {
            throw error.storeError
        }
    }
}
