package import Synchronization

/// A message's bytes, coded and ready to become a record.
package final class PreparedContent: Sendable {
    package enum Payload: Sendable {
        case memory([UInt8])
        case spool(SpoolFile)
    }

    package let payload: Payload
    package let codec: ContentCodec
    package let storedLength: Int
    package let rawLength: Int
    package let digest: [UInt8]
    package let payloadChecksum: UInt32
    /// Becomes a file of its own instead of a part of a segment.
    package let isObject: Bool
    /// The id under which a commit has stored it already: a second use refers to the same record.
    package let storedID = Mutex<Int64?>(nil)

    /// Bytes of memory that its commit takes.
    package var weight: Int {
        if case .memory = payload { storedLength } else { 0 }
    }

    init(
        payload: Payload, codec: ContentCodec, storedLength: Int, rawLength: Int, digest: [UInt8],
        payloadChecksum: UInt32,
        isObject: Bool
    ) {
        self.payload = payload
        self.codec = codec
        self.storedLength = storedLength
        self.rawLength = rawLength
        self.digest = digest
        self.payloadChecksum = payloadChecksum
        self.isObject = isObject
    }
}
