import IMAPWire
import MailStore

/// The tagged reply of a command.
struct Completion {
    var condition: Condition
    var text: String
    var code: ResponseCode?

    static func ok(_ text: String, code: ResponseCode? = nil) -> Completion {
        Completion(condition: .ok, text: text, code: code)
    }

    static func no(_ text: String, code: ResponseCode? = nil) -> Completion {
        Completion(condition: .no, text: text, code: code)
    }

    static func bad(_ text: String) -> Completion {
        Completion(condition: .bad, text: text, code: nil)
    }

    /// What a client is told when the store refuses; the log has the details.
    init(_ error: StoreError) {
        switch error {
        case .notFound: self = .no("It does not exist", code: .nonExistent)
        case .alreadyExists: self = .no("It exists already", code: .alreadyExists)
        case .overQuota: self = .no("The account is over quota", code: .overQuota)
        case .limit(let what): self = .no("Over a limit: \(what)", code: .limit)
        case .notAllowed(let what): self = .no("Not possible: \(what)", code: .cannot)
        case .locked: self = .no("Somebody else is using it", code: .inUse)
        case .diskFull: self = .no("The server has no room for this now; try again later", code: .unavailable)
        case .unavailable: self = .no("The store cannot do this now; try again later", code: .unavailable)
        case .damaged: self = .no("Stored data is damaged", code: ResponseCode("CORRUPTION"))
        }
    }

    init(condition: Condition, text: String, code: ResponseCode? = nil) {
        self.condition = condition
        self.text = text
        self.code = code
    }
}
