import Foundation
import Synchronization

/// Shows the objects that a request answers with.
protocol Printer: Sendable {
    func show(_ json: String)
    func finish()
}

/// For scripts: each object as it is, on a line of its own.
struct JSONPrinter: Printer {
    func show(_ json: String) { Output.write(json) }
    func finish() {}
}

/// For people: a sentence or block per object.
struct TextPrinter<Object: Decodable>: Printer {
    let text: @Sendable (Object) -> String

    func show(_ json: String) {
        guard let object = try? JSONDecoder().decode(Object.self, from: Data(json.utf8)) else {
            Output.write(json)
            return
        }
        Output.write(text(object))
    }

    func finish() {}
}

/// For people: a table with a heading, or a sentence if there is nothing.
final class TablePrinter<Object: Decodable>: Printer {
    private let heading: [String]
    private let empty: String
    private let row: @Sendable (Object) -> [String]
    private let rows = Mutex<[[String]]>([])

    init(_ heading: [String], empty: String, row: @escaping @Sendable (Object) -> [String]) {
        self.heading = heading
        self.empty = empty
        self.row = row
    }

    func show(_ json: String) {
        guard let object = try? JSONDecoder().decode(Object.self, from: Data(json.utf8)) else { return }
        rows.withLock { $0.append(row(object)) }
    }

    func finish() {
        let rows = rows.withLock { $0 }
        guard !rows.isEmpty else {
            Output.write(empty)
            return
        }
        var widths = heading.map(\.count)
        for row in rows {
            for (column, cell) in row.enumerated() where column < widths.count {
                widths[column] = max(widths[column], cell.count)
            }
        }
        for row in [heading] + rows {
            var line = ""
            for (column, cell) in row.enumerated() {
                let isLast = column == row.count - 1
                line += isLast ? cell : cell.padding(toLength: widths[column] + 2, withPad: " ", startingAt: 0)
            }
            Output.write(line)
        }
    }
}

enum Sizes {
    /// Bytes as people read them.
    static func text(_ bytes: Int64) -> String {
        let units = ["B", "KB", "MB", "GB", "TB"]
        var value = Double(bytes)
        var unit = 0
        while value >= 1000, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return unit == 0 ? "\(bytes) B" : String(format: "%.1f %@", value, units[unit])
    }
}
