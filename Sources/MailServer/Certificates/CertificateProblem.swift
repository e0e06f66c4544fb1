/// Why there is no usable certificate, for the administrator: one sentence that names the file, one with the remedy.
package struct CertificateProblem: Error, Hashable, CustomStringConvertible {
    package let message: String
    package let remedy: String

    init(_ message: String, remedy: String) {
        self.message = message
        self.remedy = remedy
    }

    package var description: String { "\(message) \(remedy)" }
}
