import AuthorityAPI
import AuthorityClient
import SSHFormats

/// `sign`: a certificate for a key whose public half comes on standard input. The private half never travels.
struct Signing {
    private static let longestKey = 16_384
    private static let milliseconds: Int32 = 20_000

    let visitor: Visitor
    let visit: any DoorVisit

    func sign(_ wish: DoorCommand.SignWish) async throws(ClientError) -> DoorStatus {
        guard let input = visit.input(limit: Signing.longestKey, milliseconds: Signing.milliseconds),
            let key = try? PublicKey(text: Self.line(input))
        else {
            visit.note("Standard input is no public key: ssh DOOR sign <~/.ssh/id_ed25519.pub")
            return .usage
        }
        guard let (login, grant) = try await choice(wish) else { return .refused }
        let request = CertificateRequest(publicKey: key.text(), to: wish.host, as: login, grant: grant)
        let reply = try await certificate(request)
        visit.say(reply.certificate)
        visit.note(Granted(reply, login: login).sentence)
        return .done
    }

    /// Which login by which grant: what was named, else the only one that there is.
    private func choice(
        _ wish: DoorCommand.SignWish
    ) async throws(ClientError) -> (login: String, grant: String?)? {
        if let login = wish.login, wish.host != nil || wish.grant != nil { return (login, wish.grant) }
        var visitor = visitor
        let ways = DoorWay.all(in: try await visitor.looked()).filter { way in
            (wish.grant ?? way.grant) == way.grant && (wish.login ?? way.login) == way.login
                && (wish.host.map(way.hosts.contains) ?? (way.scope == "day"))
        }
        let open = ways.filter { $0.isOpen }
        let possible = open.isEmpty && visit.offersAgent ? ways.filter { $0.isSignedFor } : open
        if let only = possible.first, possible.count == 1 { return (only.login, only.grant) }
        visit.note(
            possible.isEmpty
                ? "No certificate can be had here now."
                : "More than one can be had: name one by --grant and --as.")
        for way in possible.isEmpty ? ways : possible {
            visit.note("  \(way)")
            if let remedy = way.remedy { visit.note("    To get it, \(remedy).") }
        }
        return nil
    }

    /// The certificate; where a signature by an ssh key is asked for and the client forwards an agent, that signs.
    private func certificate(
        _ request: CertificateRequest
    ) async throws(ClientError) -> CertificateReply {
        do throws(ClientError) { return try await issued(request) } catch {
            guard case .refused(let problem) = error, problem.factors == [SSHKeyRequest.step],
                visit.offersAgent
            else { throw error }
            let further = FurtherFactors(
                visitor: visitor, dialogue: nil, signing: .now(AgentSigner(agent: visit.agent)),
                note: visit.note)
            let way = DoorWay(
                login: request.as, grant: request.grant ?? "", scope: "", missing: [problem.code],
                factors: [SSHKeyRequest.step])
            guard await further.show(for: [way]) == .over(isMore: true) else { throw error }
            return try await issued(request)
        }
    }

    private func issued(_ request: CertificateRequest) async throws(ClientError) -> CertificateReply {
        try await visitor.connection.call(.certificates, body: request, as: CertificateReply.self).0
    }

    /// The first line that holds something.
    private static func line(_ bytes: [UInt8]) -> String {
        let lines = bytes.split { $0 == 0x0a || $0 == 0x0d }
        return lines.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

/// What a certificate says, for a person.
struct Granted {
    let sentence: String

    init(_ reply: CertificateReply, login: String) {
        sentence =
            "certificate \(reply.serial): \(login) by grant \(reply.grant) until \(Moment.text(reply.validBefore)): "
            + reply.principals.joined(separator: " ")
    }
}
