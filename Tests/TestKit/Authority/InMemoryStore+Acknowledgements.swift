package import Authority
import Names
import SSHFormats

extension InMemoryStore: Acknowledgements {
    package func enforcement(of state: HostStateNumber) -> Enforcement {
        var found = Enforcement()
        for host in all where host.isEnrolled {
            let ended = contents.ended[host.id]
            if let ended, ended.state.epoch == state.epoch, ended.state >= state {
                found.endedSessions += ended.count
            }
            let enforces = host.enforces(state)
            if host.status == .active {
                found.hosts += 1
                found.enforcing += enforces ? 1 : 0
            } else {
                found.suspended += enforces ? 0 : 1
            }
        }
        return found
    }

    package func hosts(_ query: HostQuery) -> [HostFound] {
        let meant = all.filter { host in
            guard host.id.name.text > query.after?.text ?? "" else { return false }
            return query.missing.map { host.isEnrolled && !host.enforces($0) } ?? true
        }
        return Array(meant.prefix(query.limit))
    }

    private var all: [HostFound] {
        contents.identities.filter { $0.id.kind == .host && $0.status != .retired }
            .sorted { $0.id.name.text < $1.id.name.text }
            .map { host in
                HostFound(
                    id: host.id, status: host.status,
                    isEnrolled: contents.keys.contains { $0.identity == host.id && $0.state == .active },
                    acknowledged: contents.acknowledged[host.id]?.said,
                    since: contents.acknowledged[host.id]?.since)
            }
    }
}

extension InMemoryStore.Contents {
    mutating func keep(_ said: HostAcknowledgement) {
        guard keepState(of: said), said.ended > 0 else { return }
        let before = ended[said.host].flatMap { $0.state == said.state ? $0.count : nil } ?? 0
        ended[said.host] = (said.state, before + said.ended)
    }

    /// Whether it was not older than what is held.
    private mutating func keepState(of said: HostAcknowledgement) -> Bool {
        guard let held = acknowledged[said.host] else {
            acknowledged[said.host] = (said, said.at)
            return true
        }
        guard
            held.said.state < said.state
                || held.said.state == said.state && held.said.issuedAt <= said.issuedAt
        else { return false }
        let isSame = held.said.state == said.state && held.said.isEnforced == said.isEnforced
        acknowledged[said.host] = (said, isSame ? held.since : said.at)
        return true
    }
}

extension HostFound {
    fileprivate func enforces(_ state: HostStateNumber) -> Bool {
        acknowledged.map { $0.isEnforced && $0.state >= state } ?? false
    }
}
