import AuthorityAPI
import AuthorityClient
import SSHFormats

/// How a command ended: the exit status of `ssh`, as for all our programs.
enum DoorStatus: Int32, Sendable { case done = 0, refused, usage, unreachable }

/// Answers the one command of a connection.
struct Desk {
    let visitor: Visitor
    let visit: any DoorVisit
    /// A way to ask for more, where there still is one: a terminal.
    let dialogue: (any Dialogue)?

    init(_ visitor: Visitor, _ visit: any DoorVisit, _ dialogue: (any Dialogue)? = nil) {
        self.visitor = visitor
        self.visit = visit
        self.dialogue = dialogue
    }

    func answer(_ words: [String]) async -> DoorStatus {
        guard let command = DoorCommand(words) else {
            visit.note("That is not understood.")
            for line in DoorCommand.usage { visit.note(line) }
            return .usage
        }
        do {
            switch command {
            case .help:
                for line in DoorCommand.usage { visit.say(line) }
                return .done
            case .whoami: return try await whoami()
            case .hosts: return try await hosts()
            case .explain(let login, let host): return try await explain(login, host)
            case .sign(let wish): return try await Signing(visitor: visitor, visit: visit).sign(wish)
            case .enter:
                return try await HandOver(visitor: visitor, visit: visit, dialogue: dialogue).enter()
            }
        } catch let error as ClientError {
            return said(error)
        } catch let fault as DoorFault {
            visit.note("\(fault)")
            return .refused
        } catch {
            visit.note("It did not work: \(error)")
            return .unreachable
        }
    }

    private func said(_ error: ClientError) -> DoorStatus {
        guard case .refused(let problem) = error else {
            visit.note("The authority cannot be asked now. Try again.")
            return .unreachable
        }
        visit.note("\(error)")
        visit.note("\(problem.title) (request \(problem.requestID))")
        if let factors = problem.factors, !factors.isEmpty {
            visit.note("Here: come again and show \(factors.joined(separator: " and ")) when the door asks.")
        }
        return .refused
    }

    private func whoami() async throws(ClientError) -> DoorStatus {
        let (who, _) = try await visitor.connection.call(.session, as: WhoAmI.self)
        visit.say("identity: \(who.identity)")
        visit.say("factors: \(who.factors.keys.sorted().joined(separator: " "))")
        if !who.roles.isEmpty { visit.say("roles: \(who.roles.joined(separator: " "))") }
        visit.say("session: ends with this connection")
        for notice in who.notices ?? [] { visit.note("\(notice.text) (\(Moment.text(notice.at)))") }
        return .done
    }

    private func hosts() async throws(ClientError) -> DoorStatus {
        var visitor = visitor
        let reach = try await visitor.looked()
        for host in reach.hosts {
            for login in host.logins {
                let missing =
                    login.missing.isEmpty ? "" : "  missing: \(login.missing.joined(separator: " "))"
                visit.say(
                    "\(login.login)@\(host.name)  grant \(login.grant), scope \(login.scope)\(missing)")
            }
        }
        if reach.hosts.isEmpty { visit.note("No grant of yours reaches a host.") }
        return .done
    }

    private func explain(_ login: String, _ host: String) async throws(ClientError) -> DoorStatus {
        let question = ExplainRequest(who: nil, to: host, as: login)
        let (reply, _) = try await visitor.connection.call(.explain, body: question, as: ExplainReply.self)
        for line in reply.lines { visit.say(line) }
        return reply.allowed ? .done : .refused
    }
}
