import Authority
import AuthorityAPI
import SSHFormats

extension Routes {
    func events(_ call: Call) async throws -> Answer {
        try call.query.only("from", "limit")
        let from = try call.query.number("from") ?? 0
        let limit = try call.query.number("limit") ?? UInt64(AuditDesk.longestPage)
        let (leaves, size) = try await authority.audit.events(
            from: from, limit: Int(clamping: limit), by: try call.requester)
        return .json(EventsReply(events: leaves.map(EventsReply.Event.init), treeSize: size))
    }

    func inclusion(_ call: Call) async throws -> Answer {
        try call.query.only("index", "size")
        guard let index = try call.query.number("index"), let size = try call.query.number("size") else {
            throw DoorError.badRequest("query: index and size")
        }
        let proof = try await authority.audit.inclusion(of: index, size: size, by: try call.requester)
        return .json(InclusionReply(proof: proof.map { Hexadecimal.text($0) }))
    }

    func consistency(_ call: Call) async throws -> Answer {
        try call.query.only("first", "second")
        guard let first = try call.query.number("first"), let second = try call.query.number("second") else {
            throw DoorError.badRequest("query: first and second")
        }
        let proof = try await authority.audit.consistency(from: first, to: second)
        return .json(ConsistencyReply(proof: proof.map { Hexadecimal.text($0) }))
    }
}

extension EventsReply.Event {
    fileprivate init(_ leaf: LedgerLeaf) {
        self.init(index: leaf.index, leafHash: Hexadecimal.text(leaf.hash), event: Field.base64(leaf.bytes))
    }
}

extension Routes {
    func hostState(_ call: Call) async throws -> Answer {
        let state = try await authority.hosts.state(for: try call.requester)
        return .json(
            HostStateReply(
                state: Field.base64(state.payload), signature: Field.base64(state.signature),
                userKRL: Field.base64(state.userKRL),
                sessions: state.sessions.isEmpty ? nil : Field.base64(state.sessions),
                hostName: state.hostName, hostCAKeys: try authority.keys.trusted(.host).map { $0.text() }))
    }
}
