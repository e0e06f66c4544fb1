/// The reference as people read it.
extension ConfigurationReference {
    /// docs/configuration.md, whole.
    package static func markdown() -> String {
        var text = """
            # Configuration

            What a node needs to start: names, doors, TLS, folders, limits. Everything else (domains, accounts, aliases, policies) lives in
            the store and changes without a restart. This page is generated from the key table in
            `Sources/MailServer/Configuration/ConfigurationReference.swift`.

            * The file is YAML, given with `--config FILE`. Keys may be nested or dotted: `smtp: {timeout: 5m}` is `smtp.timeout: 5m`.
            * `--set KEY=VALUE`, as often as needed, wins over the file; the last one wins. A list is written with commas.
            * Durations are `90s`, `5m`, `1h30m`, `5d`; sizes are bytes, `50MB` (powers of 1000) or `64MiB` (powers of 1024).
            * An unknown key or an unfit value stops the start with a sentence that names it, its line, and the remedy.

            ```yaml
            server.name: mail.example.org
            tls:
              certificate: /etc/letsencrypt/live/mail.example.org/fullchain.pem
              key: /etc/letsencrypt/live/mail.example.org/privkey.pem
            listen:
              pop3: off
            ```

            """
        for section in sections {
            text += "\n## \(section)\n\n| key | type | default | for |\n|---|---|---|---|\n"
            for key in keys where key.section == section {
                let type = key.unit.isEmpty ? key.type : "\(key.type) (\(key.unit))"
                text += "| `\(key.name)` | \(type) | \(key.shownDefault) | \(key.summary) |\n"
            }
        }
        return text
    }

    /// The same for a terminal, as `martlet help configuration` shows it.
    package static func help() -> String {
        var text = ""
        for key in keys {
            let type = key.unit.isEmpty ? key.type : "\(key.type): \(key.unit)"
            let assumed = key.defaultText.isEmpty ? "" : "  [\(key.defaultText)]"
            text += "  \(key.name)  <\(type)>\(assumed)\n"
            text += wrapped(key.summary.replacing("`", with: ""), width: 72, indent: "      ")
        }
        return text
    }

    /// In the order of the table.
    private static var sections: [String] {
        var sections: [String] = []
        for key in keys where !sections.contains(key.section) { sections.append(key.section) }
        return sections
    }

    private static func wrapped(_ text: String, width: Int, indent: String) -> String {
        var lines: [String] = [""]
        for word in text.split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if line.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(line) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.map { "\(indent)\($0)\n" }.joined()
    }
}

extension ConfigurationKey {
    /// The part before the dot, or the key itself.
    var section: String { name.split(separator: ".").first.map { String($0) } ?? name }

    fileprivate var shownDefault: String {
        if defaultText.isEmpty { return "none" }
        return defaultText.contains(" ") && !defaultText.contains(",") ? defaultText : "`\(defaultText)`"
    }
}
