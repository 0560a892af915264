import AuthorityAPI
import AuthorityClient
import SSHFormats

/// How a command ended: the exit status of `ssh`, as for all our programs.
enum DoorStatus: Int32, Sendable { case done = 0, refused, usage, unreachable }

/// Answers the one command of a connection.
struct Desk {
    let visitor: Visitor
    let channel: SSHChannel

    init(_ visitor: Visitor, _ channel: SSHChannel) {
        self.visitor = visitor
        self.channel = channel
    }

    func answer(_ words: [String]) async -> DoorStatus {
        guard let command = DoorCommand(words) else {
            channel.note("That is not understood.")
            DoorCommand.usage.forEach(channel.note)
            return .usage
        }
        do {
            switch command {
            case .help:
                DoorCommand.usage.forEach(channel.say)
                return .done
            case .whoami: return try await whoami()
            case .hosts: return try await hosts()
            case .explain(let login, let host): return try await explain(login, host)
            case .sign(let wish): return try await Signing(visitor, channel).sign(wish)
            case .enter: return try await HandOver(visitor, channel).enter()
            }
        } catch let error as ClientError {
            return said(error)
        } catch {
            channel.note("It did not work: \(error)")
            return .unreachable
        }
    }

    private func said(_ error: ClientError) -> DoorStatus {
        guard case .refused(let problem) = error else {
            channel.note("The authority cannot be asked now. Try again.")
            return .unreachable
        }
        channel.note("\(error)")
        channel.note("\(problem.title) (request \(problem.requestID))")
        return .refused
    }

    private func whoami() async throws(ClientError) -> DoorStatus {
        let (who, _) = try await visitor.connection.call(.session, as: WhoAmI.self)
        channel.say("identity: \(who.identity)")
        channel.say("factors: \(who.factors.keys.sorted().joined(separator: " "))")
        if !who.roles.isEmpty { channel.say("roles: \(who.roles.joined(separator: " "))") }
        channel.say("session: ends with this connection")
        for notice in who.notices ?? [] { channel.note("\(notice.text) (\(Moment.text(notice.at)))") }
        return .done
    }

    private func hosts() async throws(ClientError) -> DoorStatus {
        let (reach, _) = try await visitor.connection.call(.reach, as: ReachReply.self)
        for host in reach.hosts {
            for login in host.logins {
                let missing =
                    login.missing.isEmpty ? "" : "  missing: \(login.missing.joined(separator: " "))"
                channel.say(
                    "\(login.login)@\(host.name)  grant \(login.grant), scope \(login.scope)\(missing)")
            }
        }
        if reach.hosts.isEmpty { channel.note("No grant of yours reaches a host.") }
        return .done
    }

    private func explain(_ login: String, _ host: String) async throws(ClientError) -> DoorStatus {
        let question = ExplainRequest(who: nil, to: host, as: login)
        let (reply, _) = try await visitor.connection.call(.explain, body: question, as: ExplainReply.self)
        reply.lines.forEach(channel.say)
        return reply.allowed ? .done : .refused
    }
}
