/// The largest id or change number: both stay below 2^48, so that MAPI can carry them beside a replica id.
package let identifierLimit: Int64 = 1 << 48

/// An account of one shard; never reused.
package struct AccountID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package init(_ rawValue: Int64) { self.rawValue = rawValue }
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    package var description: String { String(rawValue) }
}

/// A folder of an account, from the counter that folders and items share. Ids up to 255 are fixed system folders.
package struct FolderID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package init(_ rawValue: Int64) { self.rawValue = rawValue }
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    package var description: String { String(rawValue) }

    /// Ids up to this one are kept for fixed system folders.
    package static let lastReserved: Int64 = 255
}

/// One row in one folder: a copy or a move mints a new one.
package struct ItemID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package init(_ rawValue: Int64) { self.rawValue = rawValue }
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    package var description: String { String(rawValue) }
}

/// A message whatever its folders: kept by copies and moves (RFC 8474 EMAILID).
package struct EmailID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package init(_ rawValue: Int64) { self.rawValue = rawValue }
    package var description: String { String(rawValue) }
}

/// A conversation, fixed at arrival (RFC 8474 THREADID).
package struct ThreadID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package init(_ rawValue: Int64) { self.rawValue = rawValue }
    package var description: String { String(rawValue) }
}

/// A change of an account: IMAP's MODSEQ (RFC 7162), JMAP's state and MAPI's change number at once.
package struct ChangeNumber: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package init(_ rawValue: Int64) { self.rawValue = rawValue }
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    package var description: String { String(rawValue) }
}

/// An organisation that shares the server with others.
package struct TenantID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package init(_ rawValue: Int64) { self.rawValue = rawValue }
    package var description: String { String(rawValue) }

    /// The tenant of a server that serves one organisation.
    package static let first = TenantID(1)
}

/// One acceptance of one message, whoever its recipients are: the key of its trace.
package struct DeliveryID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// 26 letters and digits, sortable by time (ULID alphabet).
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ rawValue: String) { self.rawValue = rawValue }
    package var description: String { rawValue }
}

/// A point in time: microseconds since 1970-01-01T00:00:00Z. Pure code is given one; it never asks a clock.
package struct Timestamp: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package init(seconds: Int64) { rawValue = seconds.multipliedReportingOverflow(by: 1_000_000).partialValue }
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int64 { rawValue / 1_000_000 - (rawValue % 1_000_000 < 0 ? 1 : 0) }
    package func adding(seconds: Int64) -> Timestamp { Timestamp(rawValue: rawValue + seconds * 1_000_000) }
}
