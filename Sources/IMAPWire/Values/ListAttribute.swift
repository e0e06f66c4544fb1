/// A mailbox attribute of LIST (RFC 9051 §7.3.1): a set that grows.
package struct ListAttribute: Hashable, Sendable {
    package let name: String
    package init(_ name: String) { self.name = name }

    package static let nonExistent = ListAttribute("\\NonExistent")
    package static let noInferiors = ListAttribute("\\Noinferiors")
    package static let noSelect = ListAttribute("\\Noselect")
    package static let hasChildren = ListAttribute("\\HasChildren")
    package static let hasNoChildren = ListAttribute("\\HasNoChildren")
    package static let marked = ListAttribute("\\Marked")
    package static let unmarked = ListAttribute("\\Unmarked")
    package static let subscribed = ListAttribute("\\Subscribed")
    package static let remote = ListAttribute("\\Remote")
}
