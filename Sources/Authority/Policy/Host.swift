package import Names

/// What a policy knows of a host. Names and labels are set on the server only.
package struct Host: Hashable, Sendable {
    package let name: Name
    package let labels: Set<Label>
    /// For hosts that share a name: the label that says so, which stands in for the name of each.
    let shared: Label?
    private let isMadeUp: Bool

    package init(name: Name, labels: Set<Label> = []) {
        self.name = name
        self.labels = labels
        shared = nil
        isMadeUp = false
    }

    /// A host for a policy's test: it has this label and answers to no name.
    init(madeUpWith label: Label) {
        name = label.value
        labels = [label]
        shared = nil
        isMadeUp = true
    }

    /// Hosts behind one name, which only labels that all of them have can reach: whoever goes there may come out at any.
    /// nil where none of them is active.
    init?(sharing name: Label, _ hosts: [Identity]) {
        let active = hosts.filter { $0.status == .active && $0.attributes.labels.contains(name) }
        guard let first = active.first else { return nil }
        self.name = name.value
        labels = active.dropFirst().reduce(first.attributes.labels) { $0.intersection($1.attributes.labels) }
        shared = name
        isMadeUp = false
    }

    /// nil unless it is a host, and active: nothing is granted on one that is suspended or retired.
    package init?(_ identity: Identity) {
        guard identity.id.kind == .host, identity.status == .active else { return nil }
        self.init(name: identity.id.name, labels: identity.attributes.labels)
    }

    /// The names that some of these hosts share, in order.
    static func shared(among hosts: [Identity]) -> [Host] {
        let named = hosts.flatMap { host in
            host.attributes.labels.filter(\.isSharedName).map { (name: $0, host: host) }
        }
        return Dictionary(grouping: named, by: \.name).sorted { $0.key < $1.key }.compactMap {
            name, entries in
            Host(sharing: name, entries.map(\.host))
        }
    }

    func matches(_ place: Place) -> Bool {
        switch place {
        case .host(let name): name == self.name && !isMadeUp && shared == nil
        case .label(let label): labels.contains(label)
        case .authority: false
        }
    }
}

extension Directory {
    /// What somebody means by a host's name, alias or address, or by a name that hosts share. nil if nothing active answers
    /// to it, or more than one host without sharing it.
    func place(knownAs text: String) async throws(AuthorityError) -> Host? {
        let found: [Identity]
        do { found = try await hosts(knownAs: text) } catch { throw .store(error) }
        if let shared = found.first?.attributes.labels.first(where: {
            $0.isSharedName && $0.value.text == text
        }) {
            return Host(sharing: shared, found)
        }
        return found.count == 1 ? found.first.flatMap(Host.init) : nil
    }
}
