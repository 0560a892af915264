package import Names

/// What somebody may do somewhere: a login on a host, or a role on the authority.
package struct Right: Hashable, Sendable, Comparable {
    /// An identity, or a group that the identity provider fills.
    package let holder: Who
    /// A host. A label where no host has it; a host that is not in the directory under its name.
    package let place: Place
    /// A login or a role; `$self` where the person has no login.
    package let login: LoginRule

    package static func < (a: Right, b: Right) -> Bool {
        (a.holder.description, a.place.description, a.login.description)
            < (b.holder.description, b.place.description, b.login.description)
    }
}

/// A right as one grant gives it.
package struct GivenRight: Hashable, Sendable {
    package let right: Right
    package let grant: Name
    package let terms: Terms
}

/// Finds hosts by name and by label without asking each.
package struct HostIndex: Sendable {
    private let names: Set<Name>
    private let byLabel: [Label: [Name]]

    package init(_ hosts: [Host]) {
        names = Set(hosts.map(\.name))
        var byLabel: [Label: [Name]] = [:]
        for host in hosts { for label in host.labels { byLabel[label, default: []].append(host.name) } }
        self.byLabel = byLabel
    }

    func contains(_ name: Name) -> Bool { names.contains(name) }

    /// The hosts that an entry of a grant means; the entry itself where there is none.
    func places(_ place: Place) -> [Place] {
        guard case .label(let label) = place, let hosts = byLabel[label] else { return [place] }
        return hosts.map(Place.host)
    }
}

extension Policy {
    /// Everybody whom a grant is for: by name, as a member of a group, or as a group that the identity provider fills.
    package var holders: Set<Who> {
        var holders: Set<Who> = []
        for who in grants.flatMap(\.who) {
            guard case .group(let name) = who, let members = groups[name] else {
                holders.insert(who)
                continue
            }
            holders.formUnion(members.map(Who.identity))
        }
        return holders
    }

    /// Everything that grants give the holder, in the order of the policy. The same right comes once for each grant.
    ///
    /// - Parameter own: What `$self` stands for; nil where the holder has no login.
    package func rights(of holder: Who, own: Login?, hosts: HostIndex) -> [GivenRight] {
        grants.filter { grant in grant.who.contains { means($0, holder) } }.flatMap { grant in
            let terms = Terms(grant)
            let logins = grant.as.map { rule in
                if case .own = rule, let own, !own.isRoot { LoginRule.login(own) } else { rule }
            }
            var seen: Set<Right> = []
            return grant.to.flatMap(hosts.places).flatMap { place in
                logins.map { Right(holder: holder, place: place, login: $0) }
            }.filter { seen.insert($0).inserted }
                .map { GivenRight(right: $0, grant: grant.name, terms: terms) }
        }
    }

    private func means(_ entry: Who, _ holder: Who) -> Bool {
        guard entry != holder else { return true }
        guard case .group(let name) = entry, case .identity(let id) = holder else { return false }
        return groups[name]?.contains(id) ?? false
    }
}
