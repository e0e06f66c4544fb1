import CBytes
package import NIOCore

extension UnsafeRawBufferPointer {
    /// The offset of the first `byte` at or after `start`.
    @inlinable package func offset(of byte: UInt8, from start: Int = 0) -> Int? {
        findByte(self, byte, start)
    }

    /// The offset of the first occurrence of `needle` at or after `start`.
    package func offset(ofSequence needle: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
        guard let base = baseAddress, start <= count else { return needle.isEmpty && start == 0 ? 0 : nil }
        let found = cbytes_find_sequence(base + start, count - start, needle.baseAddress, needle.count)
        return found < 0 ? nil : start + found
    }
}

/// Concrete and out of line, so that callers in other targets pay one call and no generics.
@usableFromInline
package func findByte(_ bytes: UnsafeRawBufferPointer, _ byte: UInt8, _ start: Int) -> Int? {
    guard let base = bytes.baseAddress, start < bytes.count else { return nil }
    let found = cbytes_find(base + start, bytes.count - start, byte)
    return found < 0 ? nil : start + found
}

extension ByteBuffer {
    /// The distance from the reader index to the first `byte`, skipping the first `start` readable bytes.
    package func distance(to byte: UInt8, skipping start: Int = 0) -> Int? {
        withUnsafeReadableBytes { findByte($0, byte, start) }
    }

    /// Whether the readable bytes are `text`, ASCII letters compared without case.
    package func equalsIgnoringASCIICase(_ text: StaticString) -> Bool {
        guard readableBytes == text.utf8CodeUnitCount else { return false }
        return withUnsafeReadableBytes { bytes in
            text.withUTF8Buffer { wanted in
                for index in 0..<wanted.count where bytes[index].asciiLowercased != wanted[index].asciiLowercased {
                    return false
                }
                return true
            }
        }
    }

    /// Whether the readable bytes begin with `text`, ASCII letters compared without case.
    package func startsIgnoringASCIICase(with text: StaticString) -> Bool {
        guard readableBytes >= text.utf8CodeUnitCount else { return false }
        return withUnsafeReadableBytes { bytes in
            text.withUTF8Buffer { wanted in
                for index in 0..<wanted.count where bytes[index].asciiLowercased != wanted[index].asciiLowercased {
                    return false
                }
                return true
            }
        }
    }

    /// Writes `value` in decimal without a String.
    @discardableResult
    package mutating func writeDecimal<T: BinaryInteger>(_ value: T) -> Int {
        writeDecimal(UInt64(truncatingIfNeeded: value))
    }

    /// Writes `value` in decimal without a String.
    @discardableResult
    package mutating func writeDecimal(_ value: UInt64) -> Int {
        writeWithUnsafeMutableBytes(minimumWritableBytes: 20) { target in
            var digits = 1
            var bound: UInt64 = 10
            while digits < 20, value >= bound {
                digits += 1
                let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
                if overflow { break }
                bound = next
            }
            var rest = value
            var index = digits
            while index > 0 {
                index -= 1
                target[index] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return digits
        }
    }
}
