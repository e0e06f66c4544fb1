/// The program's version, as `--version`, greetings and status show it.
package enum ProgramVersion {
    package static let text = "0.1.0"
}
