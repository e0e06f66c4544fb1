import Yams

/// YAML nodes as input of the configuration. All scalars stay text: `off`, `1.2` and `127.0.0.1` mean what their key says.
enum YAMLInput {
    /// - Parameter file: how messages call the file; nil for an override.
    static func input(_ node: Node, file: String?) -> ConfigurationInput {
        let place = file.map { ConfigurationInput.Place.file($0, line: node.mark?.line ?? 1) } ?? .override
        switch node {
        case .scalar(let scalar):
            // An empty plain scalar is a key without a value; a quoted one is an empty text.
            let isEmpty = scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
            return ConfigurationInput(content: isEmpty ? .empty : .scalar(scalar.string), place: place)
        case .sequence(let sequence):
            return ConfigurationInput(content: .list(sequence.map { input($0, file: file) }), place: place)
        case .mapping(let mapping):
            let pairs = mapping.map {
                (key: $0.key.string ?? "", value: input($0.value, file: file, line: $0.key.mark?.line))
            }
            return ConfigurationInput(content: .mapping(pairs), place: place)
        case .alias:
            return ConfigurationInput(content: .empty, place: place)
        }
    }

    /// The same, placed where the key stands rather than the value.
    private static func input(_ node: Node, file: String?, line: Int?) -> ConfigurationInput {
        let input = input(node, file: file)
        guard let file, let line else { return input }
        return ConfigurationInput(content: input.content, place: .file(file, line: line))
    }
}

/// What is wrong with a file that is no YAML, in one sentence.
enum YAMLComplaint {
    static func error(for error: any Error, file: String) -> ConfigurationError {
        let remedy = "Check indentation, colons, quotes and brackets there."
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return ConfigurationError("\(file) line \(mark.line) is not YAML: \(problem).", remedy: remedy)
        case .duplicatedKeysInMapping(let duplicates, let context):
            let keys = duplicates.sorted().joined(separator: ", ")
            return ConfigurationError(
                "\(file) line \(context.mark.line): the group that begins here has \(keys) twice.",
                remedy: "Remove one of the two.")
        case .reader(let problem, _, _, _):
            return ConfigurationError("\(file) is not a text: \(problem).", remedy: "Save it as UTF-8.")
        default:
            return ConfigurationError("\(file) is not YAML.", remedy: remedy)
        }
    }
}
