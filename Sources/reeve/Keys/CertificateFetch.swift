import AuthorityAPI
import AuthorityClient
import Names
import Posix
import SSHFormats

/// Fetches certificates for what can be reached and keeps them with their keys.
struct CertificateFetch {
    let state: StateFolder
    let connection: AuthorityConnection
    let held: HeldCertificates
    var approval = ApprovalWait.none

    /// One certificate that is held now.
    struct Fetched: Encodable {
        let grant: String
        let login: String
        let serial: UInt64
        let principals: [String]
        let validBefore: UInt64
    }

    init(_ state: StateFolder, _ connection: AuthorityConnection) throws {
        self.state = state
        self.connection = connection
        held = try HeldCertificates(state)
    }

    /// Forgets the former certificates and fetches one for each grant and login of scope day that misses nothing.
    func all() async throws -> [Fetched] {
        let reach = try await refreshedReach()
        var agent = KeyAgent()
        try held.discardAll(agent: &agent)
        var fetched: [String: Fetched] = [:]
        for login in Self.dayLogins(of: reach) {
            let stem = try Self.stem(login)
            do {
                fetched[stem] = try await fetch((login.login, nil, login.grant), stem: stem, agent: &agent)
            } catch ClientError.refused(let problem) {
                Output.warn(
                    "no certificate for \(login.login) by grant \(login.grant): \(problem.code). \(problem.title)"
                )
            }
        }
        for host in reach.hosts {
            var used: Set<String> = []
            for login in host.logins {
                let stem = try Self.stem(login)
                guard fetched[stem] != nil, used.insert(login.login).inserted else { continue }
                try held.use(stem, login: login.login, host: host.name)
            }
        }
        return fetched.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Each grant and login of scope day that misses nothing, once.
    private static func dayLogins(of reach: ReachReply) -> [ReachReply.Login] {
        var seen: Set<ReachReply.Login> = []
        return reach.hosts.flatMap(\.logins).filter { login in
            login.scope == "day" && login.missing.isEmpty && seen.insert(login).inserted
        }
    }

    /// Fetches a certificate for one login on one host; for scope day it serves all places of its grant.
    func one(_ login: ReachReply.Login, on host: ReachReply.Host, in reach: ReachReply) async throws {
        var agent = KeyAgent()
        let isDay = login.scope == "day"
        let stem = try Self.stem(login) + (isDay ? "" : "@\(host.name)")
        let request = (login: login.login, host: isDay ? nil : host.name, grant: login.grant)
        _ = try await fetch(request, stem: stem, agent: &agent)
        try held.use(stem, login: login.login, host: host.name)
        guard isDay else { return }
        for other in reach.hosts where other.name != host.name {
            let first = other.logins.first {
                $0.login == login.login && $0.scope == "day" && $0.missing.isEmpty
            }
            if first?.grant == login.grant { try held.use(stem, login: login.login, host: other.name) }
        }
    }

    /// Asks what can be reached and writes what ssh must know of it.
    func refreshedReach() async throws -> ReachReply {
        let (reach, _) = try await connection.call(.reach, as: ReachReply.self)
        try state.keep(reach)
        if reach.tellKnown == true { await tellKnown(reach) }
        return reach
    }

    /// Says which host CA keys stand in known hosts now. If it cannot be said, it will be the next time.
    private func tellKnown(_ reach: ReachReply) async {
        let known = reach.hostCAKeys.compactMap { try? PublicKey(text: $0).fingerprint.description }
        _ = try? await connection.call(
            .reach, query: [("known", known.joined(separator: ","))], as: ReachReply.self)
    }

    private func fetch(
        _ wanted: (login: String, host: String?, grant: String), stem: String, agent: inout KeyAgent?
    ) async throws -> Fetched {
        let pending = try PendingKeys(state)
        let kept = try pending.key(for: stem)
        let key = if let kept { kept } else { try PrivateKey.generate(.ed25519) }
        let request = CertificateRequest(
            publicKey: key.publicKey.text(), to: wanted.host, as: wanted.login, grant: wanted.grant,
            reason: approval.reason)
        if kept == nil, approval.isWanted { try pending.keep(key, for: stem) }
        let reply: CertificateReply
        do { reply = try await approval.certificate(request, connection) } catch let error as ClientError {
            if error.waitingRequest != nil { try pending.keep(key, for: stem) }
            throw error
        }
        try pending.forget(stem)
        let certificate = try Certificate(text: reply.certificate)
        guard certificate.publicKey == key.publicKey, certificate.kind == .user else {
            throw ClientError.badReply("the certificate is not for the key that was sent")
        }
        try held.keep(key, certificate, stem: stem, agent: &agent, now: WallClock.now())
        return Fetched(
            grant: reply.grant, login: wanted.login, serial: certificate.serial, principals: reply.principals,
            validBefore: certificate.validBefore.seconds)
    }

    /// The name of its files; both parts are checked, and neither can hold a plus sign.
    private static func stem(_ login: ReachReply.Login) throws -> String {
        "\(try Name(login.grant))+\(try Login(login.login))"
    }
}
