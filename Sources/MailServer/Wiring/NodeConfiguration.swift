import Foundation

/// Finds and reads a node's configuration.
package enum NodeConfiguration {
    /// `file`, or `martlet.yaml` in `directory` if that exists, then the overrides, over `base`.
    package static func load(
        directory: String, file: String?, overrides: [String], base: ServerConfiguration = ServerConfiguration()
    ) throws -> ServerConfiguration {
        let usual = directory + "/martlet.yaml"
        let path = file ?? (FileManager.default.fileExists(atPath: usual) ? usual : nil)
        do throws(ConfigurationError) {
            return try ServerConfiguration.read(file: path, overrides: overrides, base: base)
        } catch {
            throw AdministrationFailure(error: "configuration", message: error.message, remedy: error.remedy)
        }
    }
}
