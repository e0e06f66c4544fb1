import Yams

/// Reads the configuration: a file if there is one, then overrides, over given defaults.
struct ConfigurationReader {
    private let keys: [String: ConfigurationKey]
    private(set) var configuration: ServerConfiguration
    /// The keys already given, and where.
    private var given: [String: ConfigurationInput.Place] = [:]

    init(base: ServerConfiguration) {
        keys = Dictionary(uniqueKeysWithValues: ConfigurationReference.keys.map { ($0.name, $0) })
        configuration = base
    }

    /// - Parameter name: how messages call the file.
    mutating func read(yaml text: String, name: String) throws(ConfigurationError) {
        let root: Node?
        do {
            root = try compose(yaml: text)
        } catch {
            throw YAMLComplaint.error(for: error, file: name)
        }
        guard let root, root.null == nil || root.string?.isEmpty == false else { return }
        guard case .mapping(let pairs) = YAMLInput.input(root, file: name).content else {
            throw ConfigurationError(
                "\(name) is not a configuration: it must be a list of keys with values.",
                remedy: "Write one key a line, such as “server.name: mail.example.org”.")
        }
        for (key, value) in pairs { try read(value, under: key) }
    }

    /// - Parameter text: `KEY=VALUE`; the value may be a YAML list or group.
    mutating func read(override text: String) throws(ConfigurationError) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw ConfigurationError(
                "--set \(text) has no value.", remedy: "Write --set KEY=VALUE, such as --set log.level=debug.")
        }
        let key = text[..<equals].trimmingSpaces()
        let value = text[text.index(after: equals)...].trimmingSpaces()
        var content = ConfigurationInput.Content.scalar(value)
        if value.first == "{" || value.hasPrefix("[{") || (value.first == "[" && value.last == "]") {
            do {
                guard let node = try compose(yaml: value) else { throw UnfitValue(expected: "") }
                content = YAMLInput.input(node, file: nil).content
            } catch {
                throw ConfigurationError(
                    "--set \(key) has a value that is not YAML.", remedy: "Close every bracket and quote.")
            }
        }
        given[key] = nil
        try read(ConfigurationInput(content: content, place: .override), under: key)
    }

    /// Checks what concerns more than one key, after everything is read.
    func finish() throws(ConfigurationError) -> ServerConfiguration {
        if let place = given["listeners"], let key = given.keys.filter({ $0.hasPrefix("listen.") }).min() {
            throw Self.bothForms(key, given[key] ?? place)
        }
        if configuration.tls.certificate != nil, configuration.tls.key == nil {
            throw ConfigurationError(
                "tls.certificate is given, but tls.key is not.", remedy: "Set tls.key to the file with its private key."
            )
        }
        if configuration.tls.key != nil, configuration.tls.certificate == nil {
            throw ConfigurationError(
                "tls.key is given, but tls.certificate is not.",
                remedy: "Set tls.certificate to the file with its certificate.")
        }
        if let clash = Self.clash(configuration.listeners) {
            throw ConfigurationError(
                "\(clash.0.service.rawValue) and \(clash.1.service.rawValue) both listen on port \(clash.0.port) of \(clash.1.address).",
                remedy: "Give one of them another port, or switch it off with listen.\(clash.1.service.rawValue): off.")
        }
        return configuration
    }

    /// Takes relative paths from `folder`, which ends in a slash or is empty.
    mutating func resolvePaths(in folder: String) {
        func resolve(_ path: String) -> String { path.hasPrefix("/") ? path : folder + path }
        if given["tls.certificate"] != nil {
            configuration.tls.certificate = configuration.tls.certificate.map(resolve)
        }
        if given["tls.key"] != nil { configuration.tls.key = configuration.tls.key.map(resolve) }
    }

    private mutating func read(_ input: ConfigurationInput, under path: String) throws(ConfigurationError) {
        if let key = keys[path] {
            if let former = given[path] {
                throw ConfigurationError(
                    "\(input.place): \(path) is given a second time (first in \(former)).",
                    remedy: "Remove one of the two.")
            }
            given[path] = input.place
            do {
                try key.assign(&configuration, input)
            } catch {
                throw ConfigurationError(
                    "\(input.place): \(path) is \(input.kind) but must be \(error.expected).",
                    remedy: key.defaultText.isEmpty
                        ? "Correct it or leave the key out."
                        : "Correct it, or leave the key out for \(key.defaultText).")
            }
            return
        }
        guard keys.keys.contains(where: { $0.hasPrefix(path + ".") }) else { throw unknown(path, input.place) }
        switch input.content {
        case .mapping(let pairs):
            for (key, value) in pairs { try read(value, under: "\(path).\(key)") }
        case .empty: break  // A section whose keys are all commented out.
        case .scalar, .list:
            let first = keys.keys.filter { $0.hasPrefix(path + ".") }.min() ?? path
            throw ConfigurationError(
                "\(input.place): \(path) is a group of keys and has no value of its own.",
                remedy: "Set a key within it, such as \(first).")
        }
    }

    private func unknown(_ key: String, _ place: ConfigurationInput.Place) -> ConfigurationError {
        let nearest = NearestKey.find(key, among: ConfigurationReference.keys.map(\.name))
        return ConfigurationError(
            "\(place): there is no key “\(key.prefix(100))”.",
            remedy: nearest.map { "Did you mean \($0)?" } ?? "See docs/configuration.md for all keys.")
    }

    private static func bothForms(_ key: String, _ place: ConfigurationInput.Place) -> ConfigurationError {
        ConfigurationError(
            "\(place): \(key) has no effect, since listeners is given.", remedy: "Use one of the two forms.")
    }

    private static func clash(_ listeners: [Listener]) -> (Listener, Listener)? {
        for (index, second) in listeners.enumerated() where second.port != 0 {
            let first = listeners[..<index].first {
                $0.port == second.port && ($0.address == second.address || $0.address == "*" || second.address == "*")
            }
            if let first { return (first, second) }
        }
        return nil
    }
}

extension ServerConfiguration {
    /// Reads the configuration.
    ///
    /// - Parameters:
    ///   - file: the path of a YAML file; nil for none.
    ///   - overrides: `KEY=VALUE`, as given to `--set`; a later one wins.
    ///   - base: what holds where neither says anything.
    /// - Returns: a valid configuration; relative paths in the file are taken from the file's folder.
    package static func read(
        file: String? = nil, overrides: [String] = [], base: ServerConfiguration = ServerConfiguration()
    ) throws(ConfigurationError) -> ServerConfiguration {
        guard let file else { return try read(yaml: "", name: "martlet.yaml", overrides: overrides, base: base) }
        let text: String
        do {
            text = String(decoding: try SmallFile.read(file, limit: 1 << 20), as: UTF8.self)
        } catch {
            throw ConfigurationError("The configuration \(file) cannot be read: \(error.reason).", remedy: error.remedy)
        }
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        let name = file.split(separator: "/").last.map { String($0) } ?? file
        return try read(yaml: text, name: name, folder: folder, overrides: overrides, base: base)
    }

    /// The same from text.
    package static func read(
        yaml: String, name: String = "martlet.yaml", folder: String = "", overrides: [String] = [],
        base: ServerConfiguration = ServerConfiguration()
    ) throws(ConfigurationError) -> ServerConfiguration {
        var reader = ConfigurationReader(base: base)
        try reader.read(yaml: yaml, name: name)
        reader.resolvePaths(in: folder)
        for override in overrides { try reader.read(override: override) }
        return try reader.finish()
    }
}
