import CBytes

/// CRC-32C (Castagnoli), in hardware where there is one: finds torn and flipped bytes, not forgers.
package enum CRC32C {
    /// The checksum of `bytes`, continuing from `seed`, the checksum of what came before.
    package static func checksum(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        guard let base = bytes.baseAddress else { return seed }
        return cbytes_crc32c(seed, base, bytes.count)
    }
}
