import Bytes
import MailModel

extension Cursor {
    /// STORE's arguments, behind the command (RFC 9051 §6.4.6, RFC 7162 §3.1.3).
    mutating func store(isUID: Bool) throws(SyntaxError) -> Command {
        try space()
        let messages = try messageSet()
        try space()
        var unchangedSince: UInt64?
        if next == ASCII.leftParenthesis {
            try parenthesized { (cursor) throws(SyntaxError) in
                guard cursor.takeKeyword("UNCHANGEDSINCE") else { throw .unknownOption }
                try cursor.space()
                unchangedSince = try cursor.number64()
            }
            try space()
        }
        let action: StoreAction = take(ASCII.plus) ? .add : take(ASCII.hyphen) ? .remove : .replace
        let isSilent: Bool
        switch try keyword() {
        case "FLAGS": isSilent = false
        case "FLAGS.SILENT": isSilent = true
        default: throw .unknownOption
        }
        try space()
        return .store(
            StoreCommand(
                messages: messages, isUID: isUID, action: action, isSilent: isSilent, flags: try storeFlags(),
                unchangedSince: unchangedSince))
    }

    /// The arguments of COPY and MOVE.
    mutating func copy(isUID: Bool) throws(SyntaxError) -> CopyCommand {
        try space()
        let messages = try messageSet()
        try space()
        return CopyCommand(messages: messages, isUID: isUID, mailbox: try mailbox())
    }
}
