import Bytes
package import MailModel
package import NIOCore

extension ByteBuffer {
    /// `tag OK [CODE] text` CRLF.
    package mutating func writeIMAPTagged(
        _ tag: String, _ condition: Condition, _ text: String, code: ResponseCode? = nil
    ) {
        writeString(tag)
        writeInteger(ASCII.space)
        writeIMAPStatus(condition, code, text)
    }

    /// `* OK [CODE] text` CRLF.
    package mutating func writeIMAPUntagged(_ condition: Condition, _ text: String, code: ResponseCode? = nil) {
        writeStaticString("* ")
        writeIMAPStatus(condition, code, text)
    }

    /// `+ text` CRLF. Never without the space: some clients wait for it (RFC 9051 §7.6).
    package mutating func writeIMAPContinuation(_ text: String = "") {
        writeStaticString("+ ")
        writeIMAPText(text)
        writeStaticString("\r\n")
    }

    private mutating func writeIMAPStatus(_ condition: Condition, _ code: ResponseCode?, _ text: String) {
        writeString(condition.rawValue)
        writeInteger(ASCII.space)
        if let code {
            writeInteger(ASCII.leftBracket)
            writeIMAPText(code.text)
            writeStaticString("] ")
        }
        // resp-text needs at least one character.
        writeIMAPText(text.isEmpty ? "-" : text)
        writeStaticString("\r\n")
    }

    /// Text for people; what would end the line or leave ASCII becomes `?`.
    private mutating func writeIMAPText(_ text: String) {
        writeBytes(text.unicodeScalars.lazy.map { $0.value >= 0x20 && $0.value < 0x7F ? UInt8($0.value) : 0x3F })
    }

    /// `* n EXISTS`.
    package mutating func writeIMAPExists(_ count: Int) {
        writeIMAPNumbered(count, "EXISTS")
    }

    /// `* n RECENT` (RFC 3501 §7.3.2).
    package mutating func writeIMAPRecent(_ count: Int) {
        writeIMAPNumbered(count, "RECENT")
    }

    /// `* n EXPUNGE`, `number` as it is after the expunges written before.
    package mutating func writeIMAPExpunge(_ number: Int) {
        writeIMAPNumbered(number, "EXPUNGE")
    }

    private mutating func writeIMAPNumbered(_ number: Int, _ name: StaticString) {
        writeStaticString("* ")
        writeDecimal(number)
        writeInteger(ASCII.space)
        writeStaticString(name)
        writeStaticString("\r\n")
    }

    /// `* n FETCH (`; the caller writes the items, separated by spaces, and then `writeIMAPFetchEnd`.
    package mutating func writeIMAPFetchBegin(_ number: Int) {
        writeStaticString("* ")
        writeDecimal(number)
        writeStaticString(" FETCH (")
    }

    package mutating func writeIMAPFetchEnd() {
        writeStaticString(")\r\n")
    }

    /// `* CAPABILITY …`.
    package mutating func writeIMAPCapability(_ capabilities: [Capability]) {
        writeStaticString("* CAPABILITY")
        for capability in capabilities {
            writeInteger(ASCII.space)
            writeString(capability.name)
        }
        writeStaticString("\r\n")
    }

    /// `* ENABLED …` (RFC 5161 §3.2).
    package mutating func writeIMAPEnabled(_ capabilities: [Capability]) {
        writeStaticString("* ENABLED")
        for capability in capabilities {
            writeInteger(ASCII.space)
            writeString(capability.name)
        }
        writeStaticString("\r\n")
    }

    /// `* FLAGS (…)`: the flags that exist in the mailbox (RFC 9051 §7.3.5).
    package mutating func writeIMAPFlagsDefined(_ keywords: some Sequence<Keyword>) {
        writeStaticString("* FLAGS ")
        writeIMAPFlags(.all, keywords)
        writeStaticString("\r\n")
    }

    /// `* LIST (…) "/" name`, or LSUB. `childInfo` is CHILDINFO ("SUBSCRIBED") of RFC 5258 §4.
    package mutating func writeIMAPList(
        _ mailbox: MailboxName, _ attributes: [ListAttribute], isLSUB: Bool = false, childInfo: Bool = false
    ) {
        writeStaticString(isLSUB ? "* LSUB " : "* LIST ")
        writeIMAPList(attributes.lazy.map(\.name))
        writeStaticString(" \"/\" ")
        writeIMAPMailbox(mailbox)
        if childInfo { writeStaticString(" (\"CHILDINFO\" (\"SUBSCRIBED\"))") }
        writeStaticString("\r\n")
    }

    /// `* LIST (\Noselect) "/" ""`: the answer to `LIST "" ""` (RFC 9051 §6.3.9).
    package mutating func writeIMAPSeparator(isLSUB: Bool = false) {
        writeStaticString(isLSUB ? "* LSUB " : "* LIST ")
        writeStaticString("(\\Noselect) \"/\" \"\"\r\n")
    }

    /// `* STATUS name (MESSAGES 1 …)` (RFC 9051 §7.3.3).
    package mutating func writeIMAPStatusResponse(_ mailbox: MailboxName, _ values: [(StatusItem, UInt64)]) {
        writeStaticString("* STATUS ")
        writeIMAPMailbox(mailbox)
        writeStaticString(" (")
        var first = true
        for (item, value) in values {
            if !first { writeInteger(ASCII.space) }
            first = false
            writeString(item.rawValue)
            writeInteger(ASCII.space)
            writeDecimal(value)
        }
        writeStaticString(")\r\n")
    }

    /// `* ID (…)`, or `* ID NIL` (RFC 2971 §3.2).
    package mutating func writeIMAPID(_ fields: [IDField]) {
        writeStaticString("* ID ")
        guard !fields.isEmpty else {
            writeStaticString("NIL\r\n")
            return
        }
        writeInteger(ASCII.leftParenthesis)
        var first = true
        for field in fields {
            if !first { writeInteger(ASCII.space) }
            first = false
            writeIMAPString(field.name)
            writeInteger(ASCII.space)
            writeIMAPNString(field.value)
        }
        writeStaticString(")\r\n")
    }

    /// `* NAMESPACE` with one personal namespace, and no others (RFC 2342 §5).
    package mutating func writeIMAPNamespacePersonal() {
        writeStaticString("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n")
    }

    /// `* QUOTA root (STORAGE used limit …)` (RFC 9208 §4.2.1).
    package mutating func writeIMAPQuota(root: String, _ resources: [(name: String, used: UInt64, limit: UInt64)]) {
        writeStaticString("* QUOTA ")
        writeIMAPString(root)
        writeStaticString(" (")
        var first = true
        for resource in resources {
            if !first { writeInteger(ASCII.space) }
            first = false
            writeString(resource.name)
            writeInteger(ASCII.space)
            writeDecimal(resource.used)
            writeInteger(ASCII.space)
            writeDecimal(resource.limit)
        }
        writeStaticString(")\r\n")
    }

    /// `* QUOTAROOT mailbox root …` (RFC 9208 §4.2.2).
    package mutating func writeIMAPQuotaRoot(_ mailbox: MailboxName, roots: [String]) {
        writeStaticString("* QUOTAROOT ")
        writeIMAPMailbox(mailbox)
        for root in roots {
            writeInteger(ASCII.space)
            writeIMAPString(root)
        }
        writeStaticString("\r\n")
    }
}
