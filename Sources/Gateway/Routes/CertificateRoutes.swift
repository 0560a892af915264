import Authority
import AuthorityAPI
import Names
import SSHFormats
import Telemetry

extension Routes {
    func certificate(_ call: Call) async throws -> Answer {
        let request = try call.message(CertificateRequest.self)
        let wish = IssuanceRequest(
            publicKey: try Field.publicKey("publicKey", request.publicKey), to: request.to,
            login: try Field.name("as") { () throws(NameError) in try Login(request.as) },
            scope: try request.scope.map { try Field.choice("scope", $0, of: Scope.self) },
            lifetime: request.for,
            grant: try request.grant.map { text in
                try Field.name("grant") { () throws(NameError) in try Name(text) }
            }, reason: try request.reason.map { try Field.sentence("reason", $0) })
        let once = call.once { (issued: IssuedCertificate) in CertificateReply(issued) }
        let outcome = try await authority.issuance.issue(wish, by: try call.requester, once: once)
        tally.certificates.count(outcome.value.authority.rawValue)
        return Answer(outcome, once, serial: outcome.value.certificate.serial)
    }

    func certificateLook(_ call: Call) async throws -> Answer {
        try call.query.only("serial", "authority")
        guard let serial = try call.query.number("serial") else {
            throw DoorError.badRequest("query: serial")
        }
        let authority = try call.query.text("authority").map {
            try Field.choice("authority", $0, of: CertificateAuthority.self)
        }
        let (issued, isRevoked) = try await self.authority.certificates.look(
            authority ?? .user, serial: serial, by: try call.requester)
        return .json(IssuedCertificateReply(issued, isRevoked: isRevoked))
    }

    func hostCertificates(_ call: Call) async throws -> Answer {
        let request = try call.message(HostCertificatesRequest.self)
        var keys: [PublicKey] = []
        for (index, text) in request.publicKeys.enumerated() {
            keys.append(try Field.publicKey("publicKeys[\(index)]", text))
        }
        let once = call.once { (issued: [IssuedCertificate]) in
            HostCertificatesReply(certificates: issued.map { $0.certificate.text() })
        }
        let outcome = try await authority.issuance.issueHost(keys, by: try call.requester, once: once)
        tally.certificates.count(CertificateAuthority.host.rawValue, by: UInt64(outcome.value.count))
        return Answer(outcome, once, serial: outcome.value.last?.certificate.serial)
    }

    func reach(_ call: Call) async throws -> Answer {
        try call.query.only("known")
        let known = try (call.query.text("known") ?? "").split(separator: ",").map {
            try Field.fingerprint("known", String($0))
        }
        guard known.count <= 16 else { throw DoorError.badRequest("known: at most 16") }
        let requester = try call.requester
        let hosts = try await authority.access.reach(of: requester)
        let isAwaited = try await authority.caKeys.note(known: known, by: requester)
        let revoked = try await authority.revocations.lists.list(for: .everyone(.host)).bytes
        return .json(
            ReachReply(
                hosts: hosts.map(ReachReply.Host.init),
                hostCAKeys: try authority.keys.trusted(.host).map { $0.text() },
                revokedHostKeys: Field.base64(revoked), door: configuration.door,
                tellKnown: isAwaited ? true : nil))
    }

    func explain(_ call: Call) async throws -> Answer {
        let request = try call.message(ExplainRequest.self)
        let who = try request.who.map { text in
            try Field.name("who") { () throws(NameError) in try IdentityID(text) }
        }
        let login = try Field.name("as") { () throws(NameError) in try Login(request.as) }
        let explanation = try await authority.access.explain(
            who: who, to: try Field.place("to", request.to), as: login, by: try call.requester)
        return .json(ExplainReply(explanation))
    }
}

extension CertificateReply {
    fileprivate init(_ issued: IssuedCertificate) {
        let certificate = issued.certificate
        self.init(
            certificate: certificate.text(), serial: certificate.serial, grant: issued.grant?.text ?? "",
            principals: certificate.principals?.names ?? [], validBefore: certificate.validBefore.seconds)
    }
}

extension IssuedCertificateReply {
    fileprivate init(_ issued: IssuedCertificate, isRevoked: Bool) {
        let certificate = issued.certificate
        self.init(
            serial: certificate.serial, authority: issued.authority.rawValue,
            identity: issued.identity.description, device: issued.device?.description,
            grant: issued.grant?.text, keyID: certificate.keyID, key: certificate.fingerprint.description,
            principals: certificate.principals?.names ?? [], issuedAt: issued.issuedAt.seconds,
            validAfter: certificate.validAfter.seconds, validBefore: certificate.validBefore.seconds,
            revoked: isRevoked)
    }
}

extension ReachReply.Host {
    fileprivate init(_ reachable: ReachableHost) {
        let host = reachable.host
        self.init(
            name: host.id.name.text, aliases: host.attributes.aliases.map(\.text),
            addresses: host.attributes.addresses,
            logins: reachable.logins.map { reach, scope in
                ReachReply.Login(
                    login: reach.login.text, grant: reach.grant.text, scope: scope.rawValue,
                    missing: reach.needs.map(\.rawValue),
                    factors: reach.factors.isEmpty ? nil : reach.factors.map(\.rawValue))
            })
    }
}

extension ExplainReply {
    fileprivate init(_ explanation: Explanation) {
        switch explanation.decision {
        case .allowed(let allowance):
            self.init(allowed: true, grant: allowance.grant.text, code: nil, lines: explanation.lines)
        case .refused(let refusal, let nearest, _):
            self.init(
                allowed: false, grant: nearest?.text, code: refusal.rawValue, lines: explanation.lines)
        }
    }
}
