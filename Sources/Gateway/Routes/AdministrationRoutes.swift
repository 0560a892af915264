import Authority
import AuthorityAPI
import Names
import SSHFormats

extension Routes {
    func identities(_ call: Call) async throws -> Answer {
        try call.query.only("kind", "after", "limit")
        let kind = try Field.choice("kind", call.query.text("kind") ?? "person", of: IdentityKind.self)
        let after = try call.query.text("after").map { text in
            try Field.name("after") { () throws(NameError) in try Name(host: text) }
        }
        let limit = Int(clamping: min(max(try call.query.number("limit") ?? 500, 1), 500))
        let found = try await authority.administration.list(
            kind, after: after, limit: limit, by: try call.requester)
        return .json(
            IdentityListReply(identities: found.map(IdentityReply.init), more: found.count == limit))
    }

    func identityAdd(_ call: Call) async throws -> Answer {
        let request = try call.message(IdentityAddRequest.self)
        let kind = try Field.choice("kind", request.kind, of: IdentityKind.self)
        let name = try Field.name("name") { () throws(NameError) in try Name(request.name, of: kind) }
        let links = configuration.links
        let once = call.once { (new: NewIdentity) in
            IdentityAddReply(identity: IdentityReply(new.identity), link: LinkReply(new.link, links))
        }
        let outcome = try await authority.administration.add(
            IdentityID(kind, name), try IdentityAttributes(request), by: try call.requester, once: once)
        return Answer(outcome, once)
    }

    func identityLink(_ call: Call) async throws -> Answer {
        let request = try call.message(IdentityLinkRequest.self)
        let id = try Field.name("identity") { () throws(NameError) in try IdentityID(request.identity) }
        let links = configuration.links
        let once = call.once { (new: NewLink) in LinkReply(new, links) }
        return Answer(try await authority.links.make(for: id, by: try call.requester, once: once), once)
    }

    func identityStatus(_ call: Call) async throws -> Answer {
        let request = try call.message(IdentityStatusRequest.self)
        let id = try Field.name("identity") { () throws(NameError) in try IdentityID(request.identity) }
        let status = try Field.choice("status", request.status, of: IdentityStatus.self)
        let reason = try request.reason.map { try Field.sentence("reason", $0) } ?? ""
        let once = call.once { (identity: Identity) in IdentityReply(identity) }
        let outcome = try await authority.administration.setStatus(
            id, status, reason: reason, by: try call.requester, once: once)
        return Answer(outcome, once)
    }

    func identityUpstream(_ call: Call) async throws -> Answer {
        let request = try call.message(UpstreamLinkRequest.self)
        let id = try Field.name("identity") { () throws(NameError) in try IdentityID(request.identity) }
        let once = call.once { (link: UpstreamLink) in
            UpstreamLinkReply(
                identity: link.person.description, issuer: link.account.issuer, subject: link.account.subject,
                linked: request.linked)
        }
        let (desk, requester) = (authority.upstreamDesk, try call.requester)
        let outcome =
            request.linked
            ? try await desk.link(
                id, provider: request.provider, subject: request.subject, by: requester, once: once)
            : try await desk.unlink(
                id, provider: request.provider, subject: request.subject, by: requester, once: once)
        return Answer(outcome, once)
    }

    func revoke(_ call: Call) async throws -> Answer {
        let request = try call.message(RevocationRequest.self)
        let reason = try Field.sentence("reason", request.reason)
        let once = call.once { (version: UInt64) in RevocationReply(stateVersion: version) }
        let outcome = try await authority.revocations.revoke(
            try RevocationTarget(request), reason: reason, endsSessions: request.sessions ?? false,
            by: try call.requester, once: once)
        return Answer(outcome, once)
    }
}

extension Name {
    fileprivate init(_ text: String, of kind: IdentityKind) throws(NameError) {
        self = kind == .host ? try Name(host: text) : try Name(text)
    }
}

extension IdentityReply {
    init(_ identity: Identity) {
        self.init(
            kind: identity.id.kind.rawValue, name: identity.id.name.text, owner: identity.owner?.description,
            status: identity.status.rawValue, login: identity.attributes.login?.text,
            aliases: identity.attributes.aliases.map(\.text), addresses: identity.attributes.addresses,
            labels: identity.attributes.labels.sorted().map(\.description),
            createdAt: identity.createdAt.seconds)
    }
}

extension LinkReply {
    fileprivate init(_ new: NewLink, _ links: LinkText) {
        self.init(link: links.text(new.token), notAfter: new.notAfter.seconds)
    }
}

extension IdentityAttributes {
    fileprivate init(_ request: IdentityAddRequest) throws(AuthorityError) {
        var aliases: [Name] = []
        var labels: Set<Label> = []
        for (index, text) in (request.aliases ?? []).enumerated() {
            aliases.append(
                try Field.name("aliases[\(index)]") { () throws(NameError) in try Name(host: text) })
        }
        for (index, text) in (request.labels ?? []).enumerated() {
            labels.insert(try Field.name("labels[\(index)]") { () throws(NameError) in try Label(text) })
        }
        var login: Login?
        if let text = request.login {
            login = try Field.name("login") { () throws(NameError) in try Login(text) }
        }
        self.init(login: login, aliases: aliases, addresses: request.addresses ?? [], labels: labels)
    }
}

extension RevocationTarget {
    fileprivate init(_ request: RevocationRequest) throws(AuthorityError) {
        guard request.authority == nil || request.serial != nil else {
            throw .refused(.badRequest, "authority: belongs to serial")
        }
        switch (request.serial, request.key, request.identity) {
        case (let serial?, nil, nil):
            let authority = try Field.choice(
                "authority", request.authority ?? "user", of: CertificateAuthority.self)
            self = .serial(authority, serial)
        case (nil, let key?, nil):
            do { self = .key(try Fingerprint(text: key)) } catch {
                throw .refused(.badRequest, "key: \(error)")
            }
        case (nil, nil, let identity?):
            self = .identity(
                try Field.name("identity") { () throws(NameError) in try IdentityID(identity) })
        default:
            throw .refused(.badRequest, "exactly one of serial, key, identity")
        }
    }
}
