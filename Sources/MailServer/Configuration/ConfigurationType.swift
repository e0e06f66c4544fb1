import HTTPEndpoint

/// How the value of a key is written: its name in the documentation, reading, and writing.
struct ConfigurationType<Value: Sendable>: Sendable {
    let name: String
    /// The unit or form, for the documentation; may be empty.
    let unit: String
    let parse: @Sendable (ConfigurationInput) throws(UnfitValue) -> Value
    let render: @Sendable (Value) -> String

    /// A type read from one scalar; `expected` completes "must be".
    init(
        _ name: String, unit: String, expected: String, render: @escaping @Sendable (Value) -> String,
        scalar: @escaping @Sendable (String) -> Value?
    ) {
        self.init(name, unit: unit, render: render) { input throws(UnfitValue) in
            guard let text = input.scalar, let value = scalar(text) else { throw UnfitValue(expected: expected) }
            return value
        }
    }

    init(
        _ name: String, unit: String, render: @escaping @Sendable (Value) -> String,
        parse: @escaping @Sendable (ConfigurationInput) throws(UnfitValue) -> Value
    ) {
        self.name = name
        self.unit = unit
        self.render = render
        self.parse = parse
    }
}

extension ConfigurationType {
    /// The type of a key that may be left out.
    static func optional<Item>(_ item: ConfigurationType<Item>) -> ConfigurationType where Value == Item? {
        .init(item.name, unit: item.unit, render: { $0.map(item.render) ?? "" }) { input throws(UnfitValue) in
            try item.parse(input)
        }
    }

    /// One or more items: a YAML list, or one text with commas.
    static func list<Item>(of item: ConfigurationType<Item>, atMost limit: Int) -> ConfigurationType
    where Value == [Item] {
        .init("list of \(item.name)s", unit: item.unit, render: { $0.map(item.render).joined(separator: ", ") }) {
            input throws(UnfitValue) in
            let items: [ConfigurationInput]
            switch input.content {
            case .list(let list): items = list
            case .scalar(let text):
                items = text.split(separator: ",", omittingEmptySubsequences: false).map {
                    ConfigurationInput(content: .scalar($0.trimmingSpaces()), place: input.place)
                }
            case .empty, .mapping: items = []
            }
            guard (1...limit).contains(items.count) else {
                throw UnfitValue(expected: "a list of 1 to \(limit) \(item.name)s")
            }
            var values: [Value.Element] = []
            for entry in items { values.append(try item.parse(entry)) }
            return values
        }
    }
}

extension ConfigurationType where Value == Bool {
    static let boolean = ConfigurationType(
        "boolean", unit: "true or false", expected: "true or false", render: { $0 ? "true" : "false" }
    ) { text in
        switch text.lowercased() {
        case "true", "yes", "on": true
        case "false", "no", "off": false
        default: nil
        }
    }
}

extension ConfigurationType where Value == String {
    static let hostName = ConfigurationType(
        "host name", unit: "", expected: "a host name such as mail.example.org", render: { $0 }
    ) { HostNameRule.accepts($0) ? $0 : nil }

    /// Only the shape is checked here; whether the account exists is for the store.
    static let emailAddress = ConfigurationType(
        "e-mail address", unit: "", expected: "an e-mail address such as postmaster@example.org", render: { $0 }
    ) { text in
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = parts.count == 2 && !parts[0].isEmpty && !text.contains { $0.isWhitespace || $0.isNewline }
        return isPlain && HostNameRule.accepts(String(parts[1])) ? text : nil
    }

    static let userName = ConfigurationType(
        "user", unit: "name or number", expected: "the name of a user", render: { $0 }
    ) { text in
        let isName = text.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "/")
        }
        return !text.isEmpty && text.utf8.count <= 64 && isName ? text : nil
    }

    static let path = ConfigurationType(
        "path", unit: "relative to the configuration file", expected: "the path of a file", render: { $0 }
    ) { $0.isEmpty || $0.contains("\0") ? nil : $0 }

    static let bindAddress = ConfigurationType(
        "IP address", unit: "`*` for all", expected: "an IP address, or * for all", render: { $0 }
    ) { $0 == "*" || NumericEndpoint.isAddress($0) ? $0 : nil }
}

extension ConfigurationType where Value == Int {
    static func integer(_ range: ClosedRange<Int>, unit: String = "") -> ConfigurationType {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return .init("integer", unit: unit, expected: expected, render: { String($0) }) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension ConfigurationType where Value == Int64 {
    static func size(_ range: ClosedRange<Int64>) -> ConfigurationType {
        let (low, high) = (SizeText.render(range.lowerBound), SizeText.render(range.upperBound))
        return .init(
            "size", unit: "bytes, kB, MB, GB, KiB, MiB, GiB", expected: "a size from \(low) to \(high), such as 50MB",
            render: SizeText.render
        ) { text in
            SizeText.parse(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension ConfigurationType where Value == Duration {
    static func duration(_ range: ClosedRange<Duration>) -> ConfigurationType {
        let (low, high) = (DurationText.render(range.lowerBound), DurationText.render(range.upperBound))
        return .init(
            "duration", unit: "ms, s, m, h, d", expected: "a duration from \(low) to \(high), such as 90s or 5m",
            render: DurationText.render
        ) { text in
            DurationText.parse(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension ConfigurationType where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    static var choice: ConfigurationType {
        let names = Value.allCases.map(\.rawValue)
        return .init(
            "choice", unit: names.joined(separator: ", "), expected: "one of \(names.joined(separator: ", "))",
            render: \.rawValue
        ) {
            Value(rawValue: $0)
        }
    }
}

extension ConfigurationType where Value == AddressRange {
    static let network = ConfigurationType(
        "network", unit: "192.0.2.0/24, 2001:db8::/32 or one address",
        expected: "networks such as 192.0.2.0/24 or 2001:db8::/32",
        render: \.description
    ) { AddressRange($0) }
}

extension ConfigurationType where Value == NumericEndpoint {
    static let endpoint = ConfigurationType(
        "endpoint", unit: "ip:port", expected: "an IP address with a port, such as 127.0.0.1:53", render: \.description
    ) { NumericEndpoint($0) }
}

extension ConfigurationType where Value == Listen.Door? {
    static let door = ConfigurationType(
        "door", unit: "port, ip:port or off", expected: "a port, an IP address with a port, or off",
        render: { door in
            switch door {
            case .on(let address?, let port):
                NumericEndpoint("\(address):\(port)")?.description ?? "[\(address)]:\(port)"
            case .on(nil, let port): String(port)
            case .off, nil: "off"
            }
        }
    ) { text in
        switch text.lowercased() {
        case "off", "no", "false": return .some(.off)
        default:
            if let port = PortNumber.parse(text) { return .some(.on(address: nil, port: port)) }
            guard let endpoint = NumericEndpoint(text) else { return nil }
            return .some(.on(address: endpoint.address, port: endpoint.port))
        }
    }
}

extension ConfigurationType where Value == [Listener] {
    static let listeners = ConfigurationType(
        "list of listeners", unit: "each {service, address, port}",
        render: {
            $0.map { "{service: \($0.service.rawValue), address: \"\($0.address)\", port: \($0.port)}" }.joined(
                separator: ", ")
        }
    ) { input throws(UnfitValue) in
        let expected = "a list of {service: …, address: …, port: …}"
        guard case .list(let items) = input.content, !items.isEmpty, items.count <= 100 else {
            throw UnfitValue(expected: expected)
        }
        var listeners: [Listener] = []
        for item in items {
            guard case .mapping(let pairs) = item.content else { throw UnfitValue(expected: expected) }
            var service: ListenerService?
            var (address, port): (String, Int?) = ("*", nil)
            for (key, value) in pairs {
                switch key {
                case "service": service = try ConfigurationType<ListenerService>.choice.parse(value)
                case "address": address = try ConfigurationType<String>.bindAddress.parse(value)
                case "port": port = try ConfigurationType<Int>.integer(0...65535).parse(value)
                default: throw UnfitValue(expected: "\(expected), and “\(key)” is none of these")
                }
            }
            guard let service else { throw UnfitValue(expected: "\(expected), with a service in each") }
            listeners.append(Listener(service: service, address: address, port: port ?? service.standardPort))
        }
        return listeners
    }
}

extension StringProtocol {
    func trimmingSpaces() -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var text = Substring(self).drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return String(text)
    }
}
