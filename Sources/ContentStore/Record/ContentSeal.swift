/// The one step that everything which holds content passes on its way to the disk and back: payloads, summaries. Sealing
/// under a key is to come; until then it changes nothing.
package struct ContentSeal: Sendable {
    package static let none = ContentSeal()

    package func seal(_ bytes: [UInt8]) -> [UInt8] { bytes }
    package func open(_ bytes: [UInt8]) -> [UInt8] { bytes }
}
