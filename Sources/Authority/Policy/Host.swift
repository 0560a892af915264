package import Names

/// What a policy knows of a host. Names and labels are set on the server only.
package struct Host: Hashable, Sendable {
    package let name: Name
    package let labels: Set<Label>
    private let isMadeUp: Bool

    package init(name: Name, labels: Set<Label> = []) {
        self.name = name
        self.labels = labels
        isMadeUp = false
    }

    /// A host for a policy's test: it has this label and answers to no name.
    init(madeUpWith label: Label) {
        name = label.value
        labels = [label]
        isMadeUp = true
    }

    /// nil unless it is a host, and active: nothing is granted on one that is suspended or retired.
    package init?(_ identity: Identity) {
        guard identity.id.kind == .host, identity.status == .active else { return nil }
        self.init(name: identity.id.name, labels: identity.attributes.labels)
    }

    func matches(_ place: Place) -> Bool {
        switch place {
        case .host(let name): name == self.name && !isMadeUp
        case .label(let label): labels.contains(label)
        case .authority: false
        }
    }
}
