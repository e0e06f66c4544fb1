/// What the tables of an index look like. Raised with every change of the tables; an older index is converted when it is opened.
///
/// | format | what changed |
/// |---|---|
/// | 0 | the tables of the programs before the first release |
/// | 1 | content rows bear their record's checksum, segment rows the length that is committed; the index says which programs have written it; its pages bear checksums |
package struct StoreFormat: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: Int64

    package init(_ number: Int64) { self.number = number }
    package init(stored: Int64) { number = stored - 1 }

    /// As the index says it: one more, because 0 is what SQLite says of a file without tables.
    package var stored: Int64 { number + 1 }

    package static let current = StoreFormat(1)
    /// From this one on, every page of an SQLite file ends with a checksum.
    package static let pageChecksums = StoreFormat(1)
    package var next: StoreFormat { StoreFormat(number + 1) }
    package var previous: StoreFormat { StoreFormat(number - 1) }
    package var description: String { "\(number)" }
    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
