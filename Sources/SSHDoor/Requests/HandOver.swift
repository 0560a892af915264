import AuthorityAPI
import AuthorityClient
import Posix
import SSHFormats

/// Puts a fresh key and certificate into the forwarded agent, for each grant that lets the door do so.
///
/// The one place where somebody else's key is made: it lives in this process alone, which cannot be dumped or traced, until
/// the agent has it; the process ends with the connection.
struct HandOver {
    /// Certificates of one connection.
    private static let most = 16

    let visitor: Visitor
    let visit: any DoorVisit
    /// Nobody can be asked any more where nil.
    let dialogue: (any Dialogue)?

    func enter() async throws -> DoorStatus {
        guard visit.offersAgent else {
            visit.note("No ssh-agent is forwarded, so there is nowhere to put a key: use ssh -A, or sign.")
            for line in DoorCommand.usage { visit.note(line) }
            return .usage
        }
        var visitor = visitor
        let ways = try await Self.today(visitor.looked())
        let hopes = FurtherFactors(visitor: visitor, dialogue: dialogue, signing: .later)
        guard ways.contains(where: { $0.isOpen || hopes.mayOpen($0) || $0.isSignedFor }) else {
            return nothing(of: ways)
        }
        let agent: any AgentTransport
        do { agent = try visit.agent() } catch {
            throw DoorFault("your ssh lets nobody reach the agent that it offers")
        }
        guard let ways = try await furthered(ways, agent, &visitor) else { return .refused }
        let open = ways.filter(\.isOpen).prefix(HandOver.most)
        guard !open.isEmpty else { return nothing(of: ways) }
        var client = AgentClient(BorrowedAgent(agent: agent))
        for way in open { try await handOver(way, to: &client) }
        for way in ways where !open.contains(way) {
            if let remedy = way.remedy { visit.note("Left out: \(way). To get it, \(remedy).") }
            if way.isOpen { visit.note("Left out: \(way). \(HandOver.most) at once is the most.") }
        }
        return .done
    }

    private static func today(_ reach: ReachReply) -> [DoorWay] {
        DoorWay.all(in: reach).filter { $0.scope == "day" }
    }

    private func nothing(of ways: [DoorWay]) -> DoorStatus {
        visit.note("No grant lets the front door make a key for you now.")
        for way in ways {
            visit.note("  \(way)")
            if let remedy = way.remedy { visit.note("    To get it, \(remedy).") }
        }
        return .refused
    }

    /// The ways after everything was shown that can be here; nil when the person is gone.
    private func furthered(
        _ ways: [DoorWay], _ agent: any AgentTransport, _ visitor: inout Visitor
    ) async throws -> [DoorWay]? {
        let further = FurtherFactors(
            visitor: visitor, dialogue: dialogue, signing: .now(AgentSigner { agent }), note: visit.note)
        guard ways.contains(where: further.mayOpen) else { return ways }
        guard case .over(let isMore) = await further.show(for: ways) else { return nil }
        guard isMore else { return ways }
        visitor.forgetReach()
        return try await Self.today(visitor.looked())
    }

    private func handOver(_ way: DoorWay, to client: inout AgentClient<BorrowedAgent>) async throws {
        let key = try PrivateKey.generate(.ed25519)
        let request = CertificateRequest(
            publicKey: key.publicKey.text(), to: nil, as: way.login, grant: way.grant)
        let (reply, _) = try await visitor.connection.call(
            .certificates, body: request, as: CertificateReply.self)
        let certificate = try Certificate(text: reply.certificate)
        guard certificate.publicKey == key.publicKey, certificate.kind == .user else {
            throw ClientError.badReply("the certificate is not for the key that was sent")
        }
        let now = WallClock.now()
        let left = certificate.validBefore.seconds - min(now, certificate.validBefore.seconds)
        let constraints = AgentConstraints(lifetime: UInt32(clamping: max(left, 1)))
        let comment = "keyreeve door \(way.grant) \(way.login)"
        do {
            // Once with the certificate and once alone: some clients use a certificate only if its key is there too.
            try client.add(certificate, key: key, comment: comment, constraints: constraints)
            try client.add(key, comment: comment, constraints: constraints)
        } catch AgentError.failure {
            throw DoorFault("your ssh-agent takes no key with a lifetime, and without one it gets none")
        } catch {
            throw DoorFault("your ssh-agent did not answer as one does (\(error)), so it may have got no key")
        }
        visit.say("\(Granted(reply, login: way.login).sentence); in your ssh-agent until then")
    }
}
