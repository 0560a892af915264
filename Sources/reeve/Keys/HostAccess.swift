import AuthorityAPI
import AuthorityClient
import Names
import Posix
import SSHFormats

/// The certificate for a login on one host: held, or fetched.
struct HostAccess {
    /// Name, alias or address.
    let host: String
    let state: StateFolder

    /// Seconds that a certificate must have left to be used.
    private static let least: UInt64 = 15

    /// nil when this device is not enrolled.
    init?(_ host: String) throws {
        self.host = host
        state = try StateFolder()
        guard try state.record(DeviceRecord.file, as: DeviceRecord.self) != nil else { return nil }
    }

    /// The host, if the last answer of the authority knew it.
    func known() throws -> ReachReply.Host? { try state.reach()?.host(named: host) }

    /// Whether a good certificate is held and its key is at hand; if so, whether it was revoked is asked beside.
    func isHeld(login: String, on known: ReachReply.Host) throws -> Bool {
        guard let stem = try heldStem(login: login, host: known.name) else { return false }
        RevocationCheck(state: state).start(stem)
        return true
    }

    /// Fetches a certificate. nil for a host that is not known. Nobody is asked to sign in for a host that the last login did
    /// not know either.
    func fetched(login: String, _ approval: ApprovalWait) async throws -> ReachReply.Host? {
        if try state.session() == nil {
            let reach = try state.reach()
            guard reach == nil || reach?.host(named: host) != nil else { return nil }
            try await signIn()
        }
        do {
            return try await state.signedIn { try await fetched(login, approval, $0) }
        } catch {
            let fault = Fault(error)
            guard fault.status == .needsSignIn, Terminal() != nil else { throw fault }
            Output.note(fault.text)
            try await signIn()
            return try await state.signedIn { try await fetched(login, approval, $0) }
        }
    }

    private func fetched(
        _ login: String, _ approval: ApprovalWait, _ connection: AuthorityConnection
    ) async throws -> ReachReply.Host? {
        var fetch = try CertificateFetch(state, connection)
        fetch.approval = approval
        let reach = try await fetch.refreshedReach()
        guard let known = reach.host(named: host) else { return nil }
        let ways = known.logins.filter { $0.login == login }
        // What lacks a factor only is tried: the refusal names it, and it is asked for. So is what others must approve.
        let missesFactors = { (way: ReachReply.Login) in way.missing.allSatisfy { $0.hasPrefix("factor-") } }
        let missesPeople = { (way: ReachReply.Login) in
            way.missing.allSatisfy { $0.hasPrefix("factor-") || $0 == "approval-required" }
        }
        guard
            let way = ways.first(where: { $0.missing.isEmpty }) ?? ways.first(where: missesFactors)
                ?? ways.first(where: missesPeople)
        else {
            throw try await refusal(
                login: login, host: known.name, missing: ways.flatMap(\.missing), connection)
        }
        try await fetch.one(way, on: known, in: reach)
        return known
    }

    /// The certificate for it, if it is good for a while and its key is at hand. One of the future is not: the clock was set
    /// back, so that nothing is known of its end.
    private func heldStem(login: String, host: String) throws -> String? {
        let held = try HeldCertificates(state)
        let now = WallClock.now()
        guard (try? Login(login)) != nil, let stem = try held.stem(login: login, host: host),
            let certificate = try held.certificate(named: stem), certificate.validAfter.seconds <= now,
            certificate.validBefore.seconds > now + Self.least
        else { return nil }
        if held.hasKeyFile(stem) { return held.hasKey(of: certificate, in: stem) ? stem : nil }
        guard var agent = KeyAgent(), try agent.holds(certificate) else { return nil }
        return stem
    }

    private func signIn() async throws {
        guard Terminal() != nil else {
            throw Fault(.needsSignIn, "there is no session", next: "Sign in: reeve login")
        }
        _ = try await state.signIn(nil, SignIn(prompter: Prompter(.none)))
    }

    /// Why no way leads to that login, in the authority's words.
    private func refusal(
        login: String, host: String, missing: [String], _ connection: AuthorityConnection
    ) async throws -> Fault {
        let question = ExplainRequest(who: nil, to: host, as: login)
        let (reply, _) = try await connection.call(.explain, body: question, as: ExplainReply.self)
        let isFactor = (missing + [reply.code ?? ""]).contains { $0.hasPrefix("factor-") }
        return Fault(
            isFactor ? .needsSignIn : .refused,
            "\(login) on \(host) is refused (\(reply.code ?? missing.first ?? "no-grant")): "
                + reply.lines.joined(separator: " "),
            next: isFactor ? "Sign in again: reeve login" : "Ask an admin for a grant.")
    }
}
