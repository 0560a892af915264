import Authority
import AuthorityAPI
import Names
import SSHFormats

extension Routes {
    func ca(_ call: Call) async throws -> Answer {
        let found = try await authority.caKeys.status(for: try call.requester)
        return .json(CAReply(authorities: found.map(CAReply.Authority.init)))
    }

    func caRotate(_ call: Call) async throws -> Answer {
        let request = try call.message(CARotateRequest.self)
        let which = try Field.choice("authority", request.authority, of: CertificateAuthority.self)
        let reason = try request.reason.map { try Field.sentence("reason", $0) }
        let stolen = try request.key.map { try Field.fingerprint("key", $0) }
        let (desk, requester) = (authority.caKeys, try call.requester)
        let once = call.once(Self.changeReply)
        guard request.stolen == true else {
            guard stolen == nil else { throw DoorError.badRequest("key: only of a stolen one") }
            return Answer(try await desk.rotate(which, reason: reason, by: requester, once: once), once)
        }
        return Answer(
            try await desk.replaceStolen(which, stolen, reason: reason, by: requester, once: once), once)
    }

    func caWaive(_ call: Call) async throws -> Answer {
        let request = try call.message(CAWaiveRequest.self)
        let reason = try request.reason.map { try Field.sentence("reason", $0) }
        let name = try Field.sentence("name", request.name)
        let once = call.once(Self.changeReply)
        return Answer(
            try await authority.caKeys.waive(name, reason: reason, by: try call.requester, once: once), once)
    }

    private static let changeReply: @Sendable (CAKeyDesk.Change) -> CAChangeReply = { change in
        CAChangeReply(
            authority: change.authority.rawValue, fingerprint: change.key.description,
            state: change.state.rawValue)
    }
}

extension CAReply.Authority {
    fileprivate init(_ status: CAStatus) {
        self.init(
            authority: status.authority.rawValue, keys: status.keys.map(CAReply.Key.init),
            waiting: status.waiting.map(CAReply.Wait.init),
            waived: status.waived.map { waiver in
                CAReply.Waiver(
                    key: waiver.key.description, name: waiver.holder.description,
                    by: waiver.by.description, at: waiver.at.seconds)
            },
            stillTrusting: status.stillTrusting.map(CAReply.Wait.init), next: status.next,
            breaks: status.breaks)
    }
}

extension CAReply.Key {
    fileprivate init(_ key: CAKey) {
        self.init(
            fingerprint: key.publicKey.fingerprint.description, publicKey: key.publicKey.text(),
            state: key.state.rawValue, since: key.since.seconds, lastExpiry: key.lastExpiry?.seconds,
            stolen: key.isStolen)
    }
}

extension CAReply.Wait {
    fileprivate init(_ wait: CAWait) {
        self.init(key: wait.key.description, name: wait.holder?.description, words: wait.words)
    }
}
