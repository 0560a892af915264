import AuthorityAPI
import HostDocuments
import Names
import SSHFormats
import Testing

@testable import HostAgent

@Suite(.enabled(if: isHost)) struct `The agent's loop` {
    @Test func `makes a round at the start and one for each push, and ends when it is cancelled`()
        async throws
    {
        let (host, authority) = (try TestHost(), try FakeAuthority())
        let port = PushingPort(authority)
        var pace = AgentLoop.Pace()
        pace.poll = .seconds(86_400)
        pace.look = .seconds(86_400)
        let keeper = HostKeeper(
            settings: host.settings, record: host.record(authority), port: port, now: { FakeAuthority.time })
        let loop = AgentLoop(keeper: keeper, port: port, pace: pace, now: { FakeAuthority.time })
        let running = Task { await loop.run() }
        var rounds = port.rounds.makeAsyncIterator()
        _ = await rounds.next()
        for version in 2...4 as ClosedRange<UInt64> {
            let reply = try authority.reply(version: version)
            authority.set { $0.reply = reply }
            port.push.yield()
            _ = await rounds.next()
        }
        running.cancel()
        await running.value
        #expect(try host.installer(authority).held()?.state.version == 4)
    }
}

/// The fake, with a push stream that the test writes to, and a note of each state that is asked for.
private final class PushingPort: AuthorityPort {
    let push: AsyncStream<Void>.Continuation
    let rounds: AsyncStream<Void>
    private let pushed: AsyncStream<Void>
    private let round: AsyncStream<Void>.Continuation
    private let authority: FakeAuthority

    init(_ authority: FakeAuthority) {
        self.authority = authority
        (pushed, push) = AsyncStream.makeStream()
        (rounds, round) = AsyncStream.makeStream()
    }

    func enrol(_ token: Secret<String>) async throws(AuthorityFault) -> EnrolReply {
        try await authority.enrol(token)
    }
    func enrolHost(_ request: EnrolHostRequest) async throws(AuthorityFault) -> EnrolHostReply {
        try await authority.enrolHost(request)
    }
    func hostCertificates(
        _ request: HostCertificatesRequest
    ) async throws(AuthorityFault) -> HostCertificatesReply { try await authority.hostCertificates(request) }
    func acknowledge(
        _ request: HostAcknowledgementRequest
    ) async throws(AuthorityFault) -> HostAcknowledgementReply { try await authority.acknowledge(request) }
    func authority() async throws(AuthorityFault) -> AuthorityInfo { try await authority.authority() }

    func hostState() async throws(AuthorityFault) -> HostStateReply {
        defer { round.yield() }
        return try await authority.hostState()
    }

    func events(_ arrived: @escaping @Sendable (AuthorityPush) -> Void) async throws(AuthorityFault) {
        for await _ in pushed { arrived(.state) }
    }
}
