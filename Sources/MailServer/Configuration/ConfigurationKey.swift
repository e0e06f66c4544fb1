/// One key of the configuration, as data: what it is called, how it is written, what it is for, where its value goes.
package struct ConfigurationKey: Sendable {
    /// Dotted, lowerCamelCase: `smtp.maximumSize`.
    package let name: String
    /// `duration`, `size`, `boolean`, …
    package let type: String
    /// The unit, form or choices; may be empty.
    package let unit: String
    /// As it would be written; empty if nothing is assumed.
    package let defaultText: String
    /// One or two sentences in Markdown.
    package let summary: String
    let assign: @Sendable (inout ServerConfiguration, ConfigurationInput) throws(UnfitValue) -> Void
    let render: @Sendable (ServerConfiguration) -> String

    /// - Parameter defaultText: where the default is not what the member holds at first, but is found out later.
    init<Value: Sendable>(
        _ name: String, _ member: any WritableKeyPath<ServerConfiguration, Value> & Sendable,
        _ type: ConfigurationType<Value>,
        default defaultText: String? = nil, _ summary: String
    ) {
        self.name = name
        self.type = type.name
        unit = type.unit
        self.summary = summary
        render = { type.render($0[keyPath: member]) }
        self.defaultText = defaultText ?? render(ServerConfiguration())
        assign = { configuration, input throws(UnfitValue) in configuration[keyPath: member] = try type.parse(input) }
    }
}
