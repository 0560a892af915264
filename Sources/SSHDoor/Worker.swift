package import AuthorityAPI
package import AuthorityClient
import Names

/// Looks after one connection, from its first byte to the goodbye, in a process of its own.
///
/// Nothing but the sign-in is done before the authority has given a session; the one way from the first part to the second
/// is ``Visitor``, which only a session makes.
package final class Worker {
    /// Refused sign-ins of one connection; as many as OpenSSH's client asks for.
    private static let mostRefusals = 3
    /// Seconds that the authority has for an answer: many sign-ins may wait before this one.
    private static let patience: Int64 = 60
    /// Messages in either part; more than any client needs.
    private static let mostMessages = 64

    private let link: DoorLink
    private let servers: [ServerAddress]
    private let trust: ServerTrust

    package init(_ link: DoorLink, servers: [ServerAddress], trust: ServerTrust) {
        self.link = link
        self.servers = servers
        self.trust = trust
    }

    /// Takes over the connection and returns when it is over.
    package func run(connection: Int32) async {
        do {
            let hostKey = String(decoding: try link.hostKey(), as: UTF8.self)
            let session = try SSHSession(connection: connection, hostKey: hostKey)
            try session.exchangeKeys()
            link.tell(.keysExchanged)
            var limits = AuthorityConnection.Limits()
            limits.request = Worker.patience
            let authority = try AuthorityConnection(
                servers: servers, trust: trust, key: try DPoPKey(), limits: limits,
                voucher: { [link] proof throws(ClientError) in try link.voucher(for: proof) })
            if let visitor = await signIn(session, authority) {
                link.tell(.signedIn)
                await serve(visitor, session)
                await visitor.signOut()
            }
            session.part(seconds: 3)
            await authority.close()
        } catch {
            link.tell(.breach)
        }
    }

    /// The first part: talks until the authority gives a session, or refuses too often.
    private func signIn(_ session: SSHSession, _ authority: AuthorityConnection) async -> Visitor? {
        var refusals = 0
        var next: SSHMessage?
        for _ in 0..<Worker.mostMessages {
            guard let message = next ?? session.next() else { return nil }
            next = nil
            switch message.kind {
            case .service("ssh-userauth"): message.acceptService()
            case .conversation(let name):
                let dialogue = KeyboardInteractive(session, message)
                switch await SignInTalk(connection: authority, dialogue: dialogue).run(name) {
                case .signedIn(let reply):
                    return await furthered(Visitor(reply, authority), dialogue)
                case .refused(let problem):
                    link.tell(.refused)
                    refusals += 1
                    if problem.code != "sign-in-failed" { _ = await dialogue.ask(problem.sentence, []) }
                    dialogue.taken()?.refuse()
                    guard refusals < Worker.mostRefusals else { return nil }
                case .failed(let sentence):
                    _ = await dialogue.ask(sentence, [])
                    dialogue.taken()?.refuse()
                    return nil
                case .left:
                    next = dialogue.taken()
                    if let next, case .answers = next.kind { return nil }
                }
            default: message.refuse()
            }
        }
        return nil
    }

    /// What grants ask for beyond the sign-in is asked for in its last rounds, where a client can hide what is typed, and
    /// standard input is free for a key. What the visitor wants is not known yet; an empty answer says that it is not this.
    private func furthered(_ visitor: Visitor, _ dialogue: KeyboardInteractive) async -> Visitor? {
        var visitor = visitor
        var further = FurtherFactors(visitor: visitor, dialogue: dialogue, signing: .later)
        further.refused = { [link] in link.tell(.refused) }
        var isThere = true
        if let ways = try? await DoorWay.all(in: visitor.looked()), ways.contains(where: further.mayOpen) {
            link.tell(.steppingUp)
            switch await further.show(for: ways) {
            case .over(let isMore): if isMore { visitor.forgetReach() }
            case .left: isThere = false
            }
        }
        guard isThere, let last = dialogue.taken() else {
            await visitor.signOut()
            return nil
        }
        last.acceptSignIn()
        return visitor
    }

    /// The second part: one channel, one command.
    private func serve(_ visitor: Visitor, _ session: SSHSession) async {
        var channel: SSHChannel?
        for _ in 0..<Worker.mostMessages {
            guard let message = session.next() else { return }
            switch message.kind {
            case .session where channel == nil:
                channel = unsafe SSHChannel(message.acceptChannel(), of: session)
            case .pty where unsafe message.channel == channel?.raw:
                channel?.hasTerminal = true
                message.acceptRequest()
            case .shell where unsafe message.channel == channel?.raw,
                .exec where unsafe message.channel == channel?.raw:
                guard let channel else { return }
                message.acceptRequest()
                var words: [String] = []
                if case .exec(let command) = message.kind { words = DoorCommand.words(command) }
                channel.finish(await Desk(visitor, channel).answer(words).rawValue)
                return
            default: message.refuse()
            }
        }
    }
}

/// Somebody with a session of the authority.
package struct Visitor: Sendable {
    let whoami: WhoAmI
    let connection: AuthorityConnection
    /// What the authority said last, if nothing has changed since.
    private var reach: ReachReply?

    init(_ reply: SessionReply, _ authority: AuthorityConnection) {
        whoami = reply.whoami
        connection = authority.signedIn(with: Secret(reply.token))
    }

    /// Where this visitor may go, and what is missing; asked for once.
    mutating func looked() async throws(ClientError) -> ReachReply {
        if let reach { return reach }
        let (found, _) = try await connection.call(.reach, as: ReachReply.self)
        reach = found
        return found
    }

    /// More was shown: the next look is a new one.
    mutating func forgetReach() { reach = nil }

    /// Nobody else has the session's key: it is over with the connection, and said so.
    func signOut() async { _ = try? await connection.call(.signOut, body: EmptyReply(), as: EmptyReply.self) }
}
