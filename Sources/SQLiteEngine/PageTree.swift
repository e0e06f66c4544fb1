import CSQLiteVFS

/// One of the trees of pages that a database consists of (https://www.sqlite.org/fileformat2.html §1.6).
struct PageTree {
    /// As in the schema; “sqlite_schema” for its own.
    let name: String
    /// The table, of an index as well.
    let table: String
    let isIndex: Bool
    let root: UInt32
}

/// What a page is for.
struct PageUse {
    enum Role {
        case inner
        case leaf
        /// The rest of a row that does not fit on its page.
        case overflow
    }
    let tree: PageTree
    let role: Role
    /// What the first column of its rows, or of those below, may be; nil where nothing is known, or it is no integer.
    let keys: (lowest: Int64?, highest: Int64?)
}

/// Finds out what pages are for, by walking all trees from their roots. Pages need not be sound: what makes no sense is not
/// followed, so the walk ends whatever it meets.
struct PageWalk {
    private static let pageSize = Int(CSQLITEVFS_PAGE)

    let pages: UInt32
    let read: (UInt32) -> [UInt8]?

    private struct Step {
        let page: UInt32
        let keys: (lowest: Int64?, highest: Int64?)
        let isOverflow: Bool
    }

    /// The use of the pages `wanted`, as far as a tree leads to them.
    func uses(of wanted: Set<UInt32>, in trees: [PageTree]) -> [UInt32: PageUse] {
        var found: [UInt32: PageUse] = [:]
        var seen = [Bool](repeating: false, count: Int(pages) + 1)
        for tree in trees {
            var waiting = [Step(page: tree.root, keys: (nil, nil), isOverflow: false)]
            while let step = waiting.popLast() {
                guard step.page > 0, step.page <= pages, !seen[Int(step.page)] else { continue }
                seen[Int(step.page)] = true
                guard let bytes = read(step.page), bytes.count == Self.pageSize else { continue }
                let page = TreePage(bytes, number: step.page, usable: Self.pageSize - reserved)
                if wanted.contains(step.page) {
                    found[step.page] = use(step, page, tree)
                    if found.count == wanted.count { return found }
                }
                if step.isOverflow {
                    waiting.append(Step(page: big(bytes[...], 0), keys: step.keys, isOverflow: true))
                } else {
                    add(page, step, &waiting)
                }
            }
        }
        return found
    }

    private var reserved: Int {
        guard let first = read(1), first.count == Self.pageSize else { return Int(CSQLITEVFS_RESERVE) }
        return Int(first[20])
    }

    private func use(_ step: Step, _ page: TreePage, _ tree: PageTree) -> PageUse {
        let role: PageUse.Role = step.isOverflow ? .overflow : page.isInner ? .inner : .leaf
        var keys = step.keys
        // The page's own rows say more, where they agree with what is known from above.
        if !step.isOverflow, !page.isInner {
            let own = page.cells.compactMap { page.key(of: $0) }
            if let lowest = own.min(), let highest = own.max(), lowest >= keys.lowest ?? .min,
                highest <= keys.highest ?? .max
            {
                keys = (lowest, highest)
            }
        }
        return PageUse(tree: tree, role: role, keys: keys)
    }

    private func add(_ page: TreePage, _ step: Step, _ waiting: inout [Step]) {
        var lowest = step.keys.lowest
        for cell in page.cells {
            let key = page.key(of: cell)
            if page.isInner, let child = page.child(of: cell) {
                waiting.append(Step(page: child, keys: (lowest, key ?? step.keys.highest), isOverflow: false))
                if let key { lowest = key }
            }
            if let next = page.overflow(of: cell) {
                waiting.append(Step(page: next, keys: (key, key), isOverflow: true))
            }
        }
        if page.isInner {
            waiting.append(Step(page: page.rightmost, keys: (lowest, step.keys.highest), isOverflow: false))
        }
    }

    /// The pages of the list of free ones.
    func free() -> Set<UInt32> {
        guard let first = read(1), first.count == Self.pageSize else { return [] }
        var free: Set<UInt32> = []
        var trunk = big(first[...], 32)
        while trunk > 0, trunk <= pages, free.insert(trunk).inserted {
            guard let bytes = read(trunk), bytes.count == Self.pageSize else { break }
            let count = min(Int(big(bytes[...], 4)), Self.pageSize / 4 - 2)
            for index in 0..<count {
                let leaf = big(bytes[...], 8 + 4 * index)
                if leaf > 0, leaf <= pages { free.insert(leaf) }
            }
            trunk = big(bytes[...], 0)
        }
        return free
    }
}

/// A page of a tree, read with distrust.
private struct TreePage {
    private let bytes: [UInt8]
    private let start: Int
    private let usable: Int

    init(_ bytes: [UInt8], number: UInt32, usable: Int) {
        self.bytes = bytes
        self.usable = max(usable, 480)
        start = number == 1 ? 100 : 0
    }

    private var isTable: Bool { bytes[start] == 5 || bytes[start] == 13 }
    var isInner: Bool { bytes[start] == 2 || bytes[start] == 5 }
    private var isKnown: Bool { isTable || bytes[start] == 2 || bytes[start] == 10 }
    var rightmost: UInt32 { big(bytes[...], start + 8) }

    /// Where the cells begin.
    var cells: [Int] {
        guard isKnown else { return [] }
        let array = start + (isInner ? 12 : 8)
        let count = min(Int(bytes[start + 3]) << 8 | Int(bytes[start + 4]), (bytes.count - array) / 2)
        return (0..<count).map { Int(bytes[array + 2 * $0]) << 8 | Int(bytes[array + 2 * $0 + 1]) }
            .filter { $0 >= array && $0 + 4 < bytes.count }
    }

    func child(of cell: Int) -> UInt32? { isInner ? big(bytes[...], cell) : nil }

    /// A variable-length integer and where it ends.
    private func integer(_ position: Int) -> (value: Int64, end: Int)? {
        var value: UInt64 = 0
        for index in 0..<9 {
            guard position >= 0, position + index < bytes.count else { return nil }
            let byte = bytes[position + index]
            if index == 8 { return (Int64(bitPattern: value << 8 | UInt64(byte)), position + 9) }
            value = value << 7 | UInt64(byte & 0x7F)
            if byte < 0x80 { return (Int64(bitPattern: value), position + index + 1) }
        }
        return nil
    }

    /// The row's id, or the first column of an index's row, if that is an integer.
    func key(of cell: Int) -> Int64? {
        let position = cell + (isInner ? 4 : 0)
        guard isTable else { return payload(of: cell).flatMap { firstColumn($0.start) } }
        if isInner { return integer(position)?.value }
        return integer(position).flatMap { integer($0.end)?.value }
    }

    private func payload(of cell: Int) -> (start: Int, length: Int)? {
        guard let length = integer(cell + (isInner ? 4 : 0)), length.value >= 0, length.value < 1 << 40 else {
            return nil
        }
        guard isTable else { return (length.end, Int(length.value)) }
        guard !isInner, let id = integer(length.end) else { return nil }
        return (id.end, Int(length.value))
    }

    private func firstColumn(_ record: Int) -> Int64? {
        guard let header = integer(record), let type = integer(header.end), header.value > 1 else { return nil }
        let lengths: [Int64: Int] = [1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8]
        if type.value == 8 || type.value == 9 { return type.value - 8 }
        guard let length = lengths[type.value], header.value < bytes.count else { return nil }
        let start = record + Int(header.value)
        guard start + length <= bytes.count else { return nil }
        var value = Int64(Int8(bitPattern: bytes[start]))
        for index in 1..<max(length, 1) { value = value << 8 | Int64(bytes[start + index]) }
        return value
    }

    /// The first page of the rest of a row.
    func overflow(of cell: Int) -> UInt32? {
        guard let payload = payload(of: cell) else { return nil }
        let minimum = (usable - 12) * 32 / 255 - 23
        let maximum = isTable ? usable - 35 : (usable - 12) * 64 / 255 - 23
        guard payload.length > maximum else { return nil }
        let wanted = minimum + (payload.length - minimum) % (usable - 4)
        let end = payload.start + (wanted <= maximum ? wanted : minimum)
        return end + 4 <= bytes.count ? big(bytes[...], end) : nil
    }
}
