import Authority
import AuthorityAPI
import Names
import SSHFormats

extension Routes {
    func keys(_ call: Call) async throws -> Answer {
        try call.query.only("of", "all", "key", "state", "olderThan", "after", "limit")
        if let text = call.query.text("key") {
            let found = try await authority.keyDesk.show(
                try Field.fingerprint("key", text), by: try call.requester)
            return .json(KeyListReply(keys: [KeyReply(found)], more: false))
        }
        let limit = Int(clamping: min(max(try call.query.number("limit") ?? 500, 1), 500))
        let age = try call.query.number("olderThan")
        let query = KeyQuery(
            state: try call.query.text("state").map { try Field.choice("state", $0, of: KeyState.self) },
            createdBefore: age.map { UnixTime(now().seconds - min(now().seconds, $0)) },
            after: try call.query.text("after").map { try Field.fingerprint("after", $0) }, limit: limit)
        let found = try await authority.keyDesk.list(try whose(call.query), query, by: try call.requester)
        return .json(KeyListReply(keys: found.map(KeyReply.init), more: found.count == limit))
    }

    func keyReauthorize(_ call: Call) async throws -> Answer {
        let request = try call.message(KeyReauthorizeRequest.self)
        let key = try Field.fingerprint("key", request.key)
        let reason = try request.reason.map { try Field.sentence("reason", $0) }
        let once = call.once { (found: KeyFound) in KeyReply(found) }
        let outcome = try await authority.keyDesk.reauthorize(
            key, reason: reason, by: try call.requester, once: once)
        return Answer(outcome, once)
    }

    private func whose(_ query: Query) throws -> KeyDesk.Whose {
        switch (query.text("of"), query.text("all")) {
        case (nil, nil): return .own
        case (nil, "true"): return .everybody
        case (let of?, nil):
            return .identity(try Field.name("of") { () throws(NameError) in try IdentityID(of) })
        default: throw DoorError.badRequest("query: of=IDENTITY or all=true")
        }
    }

    func devices(_ call: Call) async throws -> Answer {
        try call.query.only("of", "device")
        if let text = call.query.text("device") {
            let id = try Field.name("device") { () throws(NameError) in try IdentityID(text) }
            let found = try await authority.deviceDesk.show(id, by: try call.requester)
            return .json(DeviceListReply(devices: [DeviceReply(found)]))
        }
        let owner = try call.query.text("of").map { text in
            try Field.name("of") { () throws(NameError) in try IdentityID(text) }
        }
        let found = try await authority.deviceDesk.list(of: owner, by: try call.requester)
        return .json(DeviceListReply(devices: found.map(DeviceReply.init)))
    }

    func deviceStatus(_ call: Call) async throws -> Answer {
        let request = try call.message(DeviceStatusRequest.self)
        let id = try Field.name("device") { () throws(NameError) in try IdentityID(request.device) }
        let act = try Field.choice("act", request.act, of: DeviceAct.self)
        let reason = try request.reason.map { try Field.sentence("reason", $0) } ?? ""
        let once = call.once { (identity: Identity) in IdentityReply(identity) }
        let outcome = try await authority.deviceDesk.act(
            act, on: id, reason: reason, by: try call.requester, once: once)
        return Answer(outcome, once)
    }

    func sessionList(_ call: Call) async throws -> Answer {
        try call.query.only("of")
        let of = try call.query.text("of").map { text in
            try Field.name("of") { () throws(NameError) in try IdentityID(text) }
        }
        let requester = try call.requester
        let found = try await authority.sessionDesk.list(of: of, by: requester)
        return .json(
            SessionListReply(
                sessions: found.map { session in
                    SessionListReply.Session(
                        session, notAfter: authority.sessions.notAfter(session),
                        isCurrent: session.id == requester.session?.id)
                }))
    }

    func sessionsEnd(_ call: Call) async throws -> Answer {
        let request = try call.message(SessionsEndRequest.self)
        let requester = try call.requester
        let target: SessionDesk.Target
        switch (request.session, request.of, request.others) {
        case (let id?, nil, nil): target = .one(try Field.handle("session", id))
        case (nil, let of?, nil):
            target = .all(of: try Field.name("of") { () throws(NameError) in try IdentityID(of) })
        case (nil, nil, true): target = .others
        default: throw AuthorityError.refused(.badRequest, "exactly one of session, of, others: true")
        }
        let once = call.once { (ended: [String]) in SessionsEndReply(ended: ended) }
        return Answer(try await authority.sessionDesk.end(target, by: requester, once: once), once)
    }
}

extension KeyReply {
    fileprivate init(_ found: KeyFound) {
        self.init(found.key, owner: found.owner, successor: found.successor)
    }

    fileprivate init(_ key: RegisteredKey, owner: IdentityID?, successor: Fingerprint?) {
        self.init(
            fingerprint: key.publicKey.fingerprint.description, type: key.publicKey.type.name,
            identity: key.identity.description, owner: owner?.description, purpose: key.purpose.rawValue,
            state: key.state.rawValue, origin: key.origin, createdAt: key.createdAt.seconds,
            lastUsedAt: key.lastUsedAt?.seconds, lastUsedFrom: key.lastUsedFrom,
            predecessor: key.predecessor?.description, successor: successor?.description,
            reauthorizedAt: key.reauthorizedAt?.seconds)
    }
}

extension DeviceReply {
    fileprivate init(_ found: DeviceFound) {
        let device = found.identity
        self.init(
            device: device.id.description, owner: device.owner?.description, status: device.status.rawValue,
            statusBy: device.statusBy?.description, createdAt: device.createdAt.seconds,
            sessions: found.sessions,
            keys: found.keys.map { KeyReply($0, owner: device.owner, successor: nil) })
    }
}

extension SessionListReply.Session {
    fileprivate init(_ session: Session, notAfter: UnixTime, isCurrent: Bool) {
        self.init(
            id: session.id, identity: session.identity.description, device: session.device?.description,
            factors: Dictionary(
                uniqueKeysWithValues: session.factors.map { ($0.key.rawValue, $0.value.seconds) }),
            source: session.source, startedAt: session.startedAt.seconds,
            lastUsedAt: session.lastUsedAt.seconds, notAfter: notAfter.seconds, current: isCurrent)
    }
}
