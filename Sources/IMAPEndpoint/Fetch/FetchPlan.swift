import IMAPWire

/// The items of a FETCH in the order in which a reply tells them: first those of the mailbox index, then the others as
/// asked. Each once, so that a client cannot have a message sent a thousand times with one line.
struct FetchPlan {
    private(set) var index: [IndexRenderer.Item] = []
    private(set) var other: [FetchAttribute] = []
    private(set) var needsSummary = false
    private(set) var needsIdentity = false
    private(set) var setsSeen = false

    init(_ request: FetchRequest) {
        var attributes = request.attributes
        if request.isUID { attributes.insert(.uid, at: 0) }
        if request.changedSince != nil { attributes.append(.modSequence) }
        var seen: Set<FetchAttribute> = []
        for attribute in attributes where seen.insert(attribute).inserted {
            if attribute.setsSeen { setsSeen = true }
            switch attribute {
            case .flags: index.append(.flags)
            case .uid: index.append(.uid)
            case .modSequence: index.append(.modSequence)
            case .internalDate: index.append(.internalDate)
            case .rfc822Size: index.append(.size)
            case .emailID, .threadID, .saveDate:
                needsIdentity = true
                other.append(attribute)
            case .rfc822: other.append(attribute)
            case .section(let section, _, _):
                if section != .whole { needsSummary = true }
                other.append(attribute)
            case .envelope, .body, .bodyStructure, .rfc822Header, .rfc822Text, .binary, .binarySize, .preview:
                needsSummary = true
                other.append(attribute)
            }
        }
    }
}
