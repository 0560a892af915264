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

    init(_ visitor: Visitor, _ visit: any DoorVisit) {
        self.visitor = visitor
        self.visit = visit
    }

    func enter() async throws -> DoorStatus {
        guard visit.offersAgent else {
            visit.note("No ssh-agent is forwarded, so there is nowhere to put a key: use ssh -A, or sign.")
            for line in DoorCommand.usage { visit.note(line) }
            return .usage
        }
        let (reach, _) = try await visitor.connection.call(.reach, as: ReachReply.self)
        let ways = DoorWay.all(in: reach).filter { $0.scope == "day" }
        let open = ways.filter(\.missing.isEmpty).prefix(HandOver.most)
        guard !open.isEmpty else {
            visit.note("No grant lets the front door make a key for you now.")
            for way in ways { visit.note("  \(way)") }
            return .refused
        }
        let agent: any AgentTransport
        do { agent = try visit.agent() } catch {
            throw DoorFault("your ssh lets nobody reach the agent that it offers")
        }
        var client = AgentClient(BorrowedAgent(agent: agent))
        for way in open { try await handOver(way, to: &client) }
        return .done
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
        }
        visit.say("\(Granted(reply, login: way.login).sentence); in your ssh-agent until then")
    }
}
