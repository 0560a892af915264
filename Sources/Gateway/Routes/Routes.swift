import Authority
import AuthorityAPI
import Ledger
import SSHFormats
import Telemetry

/// Translates each route's messages to calls of the authority and back. No rules live here.
struct Routes: Sendable {
    let authority: Authority
    let configuration: GatewayConfiguration
    let streams: EventStreams
    let patience = Patience(limit: 64)
    let tally: Tally
    let readiness: [ReadinessCheck]
    let metrics: [Metric]
    let now: @Sendable () -> UnixTime

    /// - Throws: `AuthorityError`, ``DoorError``, `APICodingError`.
    func answer(_ call: Call) async throws -> Answer {
        if !Routes.withQuery.contains(call.route) { try call.query.only() }
        switch call.route {
        case .livez: return .text("ok\n")
        case .readyz: return await readyz()
        case .metrics:
            return .text(await PrometheusText.text(metrics), type: PrometheusText.type)
        case .authority: return .json(try info())
        case .checkpoint: return .text(try await authority.audit.checkpoints.advance().note)
        case .userKRL: return .binary(try await authority.revocations.lists.published(.user))
        case .hostKRL: return .binary(try await authority.revocations.lists.published(.host))
        case .signIn: return try await signIn(call)
        case .signInAnswer: return try await signInAnswer(call)
        case .browserPage: return try await browserPage(call)
        case .browserCode: return try await browserCode(call)
        case .browserReturn: return try await browserReturn(call)
        case .enrol: return try await enrol(call)
        case .enrolPerson: return try await enrolPerson(call)
        case .enrolHost: return try await enrolHost(call)
        case .session: return try await session(call)
        case .signOut: return try await signOut(call)
        case .stepUp: return try await stepUp(call)
        case .stepUpAnswer: return try await stepUpAnswer(call)
        case .recoveryCodes: return try await recoveryCodes(call)
        case .totp: return try await totp(call)
        case .totpFinish: return try await totpFinish(call)
        case .password: return try await password(call)
        case .sshKeyAdd: return try await sshKeyAdd(call)
        case .passkeys: return try await passkeys(call)
        case .passkeyAdd: return try await passkeyAdd(call)
        case .passkeyFinish: return try await passkeyFinish(call)
        case .passkeyRemove: return try await passkeyRemove(call)
        case .passkeyPage: return PasskeyDocument.answer
        case .passkeyLook: return try await passkeyLook(call)
        case .passkeyNumber: return try await passkeyNumber(call)
        case .passkeyAnswer: return try await passkeyAnswer(call)
        case .pendingSignIns: return try await pendingSignIns(call)
        case .signInDecide: return try await signInDecide(call)
        case .reach: return try await reach(call)
        case .certificates: return try await certificate(call)
        case .certificateLook: return try await certificateLook(call)
        case .governance: return try await governance(call)
        case .requests: return try await requests(call)
        case .requestsDecide: return try await requestsDecide(call)
        case .explain: return try await explain(call)
        case .identities: return try await identities(call)
        case .identityAdd: return try await identityAdd(call)
        case .identityStatus: return try await identityStatus(call)
        case .identityLink: return try await identityLink(call)
        case .identityUpstream: return try await identityUpstream(call)
        case .provisioners: return try await provisioners(call)
        case .provisionerToken: return try await provisionerToken(call)
        case .provisionerRevoke: return try await provisionerRevoke(call)
        case .provisionerPerson: return try await provisionerPerson(call)
        case .revocations: return try await revoke(call)
        case .keys: return try await keys(call)
        case .keyReauthorize: return try await keyReauthorize(call)
        case .devices: return try await devices(call)
        case .deviceStatus: return try await deviceStatus(call)
        case .sessionList: return try await sessionList(call)
        case .sessionsEnd: return try await sessionsEnd(call)
        case .signers: return try await signers(call)
        case .policy: return try await policy(call)
        case .policyApply: return try await policyApply(call)
        case .policyHistory: return try await policyHistory(call)
        case .policyDiff: return try await policyDiff(call)
        case .policyWho: return try await policyWho(call)
        case .events: return try await events(call)
        case .inclusion: return try await inclusion(call)
        case .consistency: return try await consistency(call)
        case .ca: return try await ca(call)
        case .caRotate: return try await caRotate(call)
        case .caWaive: return try await caWaive(call)
        case .hostCertificates: return try await hostCertificates(call)
        case .hostState: return try await hostState(call)
        case .hostAcknowledgement: return try await hostAcknowledgement(call)
        case .hosts: return try await hosts(call)
        case .enforcement: return try await enforcement(call)
        case .hostEvents:
            let versions = try streams.counted(try await authority.hosts.stateVersions())
            return Answer(.stateVersions(versions, retry: { [streams] in streams.retry }))
        }
    }

    /// Those that check their query themselves; all others have none.
    private static let withQuery: Set<Route> = [
        .identities, .signers, .keys, .devices, .sessionList, .passkeys, .requests, .policy, .policyHistory,
        .policyWho, .reach, .certificateLook,
        .events,
        .inclusion,
        .consistency, .browserPage, .browserReturn, .hosts, .enforcement,
    ]

    private func readyz() async -> Answer {
        let reply = await ReadinessReply(readiness)
        var answer = Answer.json(reply)
        answer.status = reply.ready ? 200 : 503
        return answer
    }

    /// What anybody may know.
    func info() throws(AuthorityError) -> AuthorityInfo {
        AuthorityInfo(
            origin: authority.origin, version: configuration.version,
            userCAKeys: try authority.keys.trusted(.user).map { $0.text() },
            plainUserCAKeys: [try authority.keys.key(.plainUserCA).text()],
            hostCAKeys: try authority.keys.trusted(.host).map { $0.text() },
            hostStateKey: try authority.keys.key(.hostState).text(),
            checkpointKey: authority.audit.checkpoints.verifierKey.description, now: now().seconds,
            servers: configuration.servers, signIn: authority.signIn.ways.map(\.description),
            door: configuration.door)
    }
}
