/// A mistake in the configuration, for the person who made it: one sentence that names key and place, one with the remedy.
package struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    package let message: String
    package let remedy: String

    package init(_ message: String, remedy: String) {
        self.message = message
        self.remedy = remedy
    }

    package var description: String { "\(message) \(remedy)" }
}
