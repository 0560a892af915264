import Authority
import AuthorityAPI
import Names
import SSHFormats

extension Routes {
    func provisioners(_ call: Call) async throws -> Answer {
        let found = try await authority.provisioners.list(by: try call.requester)
        return .json(ProvisionerListReply(provisioners: found.map(ProvisionerReply.init)))
    }

    func provisionerToken(_ call: Call) async throws -> Answer {
        let request = try call.message(ProvisionerTokenRequest.self)
        let name = try Field.name("name") { () throws(NameError) in try Name(request.name) }
        let once = call.once { (new: NewProvisionerToken) in
            ProvisionerTokenReply(
                name: new.token.provisioner.name.text, id: new.token.id,
                token: new.secret.withExposed { $0 }, notAfter: new.token.notAfter.seconds)
        }
        let outcome = try await authority.provisioners.makeToken(
            for: name, provider: request.provider, days: Int(clamping: request.days ?? 365),
            by: try call.requester, once: once)
        return Answer(outcome, once)
    }

    func provisionerRevoke(_ call: Call) async throws -> Answer {
        let request = try call.message(ProvisionerRevokeRequest.self)
        let name = try Field.name("name") { () throws(NameError) in try Name(request.name) }
        let id = try request.token.map { try Field.handle("token", $0) }
        let once = call.once { (found: ProvisionerFound) in ProvisionerReply(found) }
        return Answer(
            try await authority.provisioners.endTokens(of: name, id: id, by: try call.requester, once: once),
            once)
    }

    func provisionerPerson(_ call: Call) async throws -> Answer {
        let request = try call.message(ProvisionerPersonRequest.self)
        let name = try Field.name("name") { () throws(NameError) in try Name(request.name) }
        let person = try Field.name("person") { () throws(NameError) in try IdentityID(request.person) }
        let once = call.once { (kept: ProvisionedPerson) in
            ProvisionerPersonReply(
                name: name.text, person: kept.identity.id.description, id: kept.id,
                userName: kept.draft.userName, given: request.given)
        }
        let (desk, requester) = (authority.provisioners, try call.requester)
        guard request.given else {
            return Answer(try await desk.take(person, from: name, by: requester, once: once), once)
        }
        let userName = request.userName ?? person.name.text
        return Answer(
            try await desk.give(person, to: name, userName: userName, by: requester, once: once), once)
    }
}

extension ProvisionerReply {
    fileprivate init(_ found: ProvisionerFound) {
        self.init(
            name: found.provisioner.id.name.text, owner: found.identity.owner?.description,
            status: found.identity.status.rawValue, issuer: found.provisioner.issuer,
            tokens: found.tokens.map { token in
                Token(
                    id: token.id, madeBy: token.madeBy.description, madeAt: token.madeAt.seconds,
                    notAfter: token.notAfter.seconds, endedAt: token.endedAt?.seconds)
            })
    }
}
