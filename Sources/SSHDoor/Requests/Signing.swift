import AuthorityAPI
import AuthorityClient
import SSHFormats

/// `sign`: a certificate for a key whose public half comes on standard input. The private half never travels.
struct Signing {
    private static let longestKey = 16_384
    private static let milliseconds: Int32 = 20_000

    let visitor: Visitor
    let visit: any DoorVisit

    init(_ visitor: Visitor, _ visit: any DoorVisit) {
        self.visitor = visitor
        self.visit = visit
    }

    func sign(_ wish: DoorCommand.SignWish) async throws(ClientError) -> DoorStatus {
        guard let input = visit.input(limit: Signing.longestKey, milliseconds: Signing.milliseconds),
            let key = try? PublicKey(text: Self.line(input))
        else {
            visit.note("Standard input is no public key: ssh DOOR sign <~/.ssh/id_ed25519.pub")
            return .usage
        }
        guard let (login, grant) = try await choice(wish) else { return .refused }
        let request = CertificateRequest(publicKey: key.text(), to: wish.host, as: login, grant: grant)
        let (reply, _) = try await visitor.connection.call(
            .certificates, body: request, as: CertificateReply.self)
        visit.say(reply.certificate)
        visit.note(Granted(reply, login: login).sentence)
        return .done
    }

    /// Which login by which grant: what was named, else the only one that there is.
    private func choice(
        _ wish: DoorCommand.SignWish
    ) async throws(ClientError) -> (login: String, grant: String?)? {
        if let login = wish.login, wish.host != nil || wish.grant != nil { return (login, wish.grant) }
        let (reach, _) = try await visitor.connection.call(.reach, as: ReachReply.self)
        let ways = DoorWay.all(in: reach).filter { way in
            (wish.grant ?? way.grant) == way.grant && (wish.login ?? way.login) == way.login
                && (wish.host.map(way.hosts.contains) ?? (way.scope == "day"))
        }
        let open = ways.filter(\.missing.isEmpty)
        if let only = open.first, open.count == 1 { return (only.login, only.grant) }
        visit.note(
            open.isEmpty
                ? "No certificate can be had here now."
                : "More than one can be had: name one by --grant and --as.")
        for way in open.isEmpty ? ways : open { visit.note("  \(way)") }
        return nil
    }

    /// The first line that holds something.
    private static func line(_ bytes: [UInt8]) -> String {
        let lines = bytes.split { $0 == 0x0a || $0 == 0x0d }
        return lines.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

/// One login by one grant, and where it leads.
struct DoorWay: Hashable, CustomStringConvertible {
    let login: String
    let grant: String
    let scope: String
    let missing: [String]
    var hosts: Set<String>

    /// Each once, in the authority's order.
    static func all(in reach: ReachReply) -> [DoorWay] {
        var ways: [DoorWay] = []
        for host in reach.hosts {
            for login in host.logins {
                let place = ways.firstIndex { $0.login == login.login && $0.grant == login.grant }
                guard let place else {
                    ways.append(
                        DoorWay(
                            login: login.login, grant: login.grant, scope: login.scope,
                            missing: login.missing,
                            hosts: [host.name]))
                    continue
                }
                ways[place].hosts.insert(host.name)
            }
        }
        return ways
    }

    var description: String {
        let missing = missing.isEmpty ? "" : ", missing: \(missing.joined(separator: " "))"
        return "\(login) by grant \(grant), scope \(scope)\(missing)"
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
