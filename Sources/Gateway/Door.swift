import Authority
import AuthorityAPI
import HTTPTypes
import Hummingbird
import Names
import SSHFormats

/// Takes every request: bounds it, proves the caller, asks the route, answers, counts.
struct Door: HTTPResponder {
    let authority: Authority
    let configuration: GatewayConfiguration
    let keeper: DoorKeeper
    let repetitions: Repetitions
    let deadlines: BodyDeadlines
    let limits: RequestLimits
    let routes: Routes
    let tally: Tally
    let journal: RequestLog

    private var scim: SCIMDoor { SCIMDoor(door: self) }

    /// - Throws: Only what the reading of the request throws: the server stack answers broken HTTP itself, with 400.
    func respond(to request: Request, context peer: Peer) async throws -> Response {
        if SCIMDoor.isMeant(request.head) { return try await scim.respond(to: request, from: peer) }
        let started = ContinuousClock.now
        let requestID = RequestID.new()
        let route = Door.route(of: request.head)
        let origin = origin(of: request.head, route, peer)
        var outcome: Result<Answer, any Error>
        var identity: IdentityID?
        var isUnread = false
        do {
            let incoming = Incoming(
                request: request, peer: peer, requestID: requestID,
                origin: try origin.get())
            outcome = .success(try await scoped { try await answer(route, incoming, &identity) })
        } catch let error as BodyError {
            guard case .unread(let refusal) = error else { throw error.cause }
            isUnread = Door.hasBody(request.head)
            outcome = .failure(refusal)
        } catch {
            outcome = .failure(error)
        }
        var response: Response
        var failure: Failure?
        switch outcome {
        case .success(let answer): response = Response(answer, requestID: requestID, configuration)
        case .failure(let error):
            let failed = Failure(error)
            response = Response(failed, requestID: requestID)
            failure = failed
        }
        if isUnread {
            response.headers[.connection] = "close"
            peer.closeSoon()
        }
        if let nonce = configuration.nonce { response.headers[.dpopNonce] = nonce }
        if request.head.method == .head { response = response.createHeadResponse() }
        let served = Served(
            route: try? route.get(), requestID: requestID,
            source: (try? origin.get())?.address ?? peer.address, identity: identity?.description,
            status: response.status.code, failure: failure, seconds: started.duration(to: .now).seconds)
        tally.count(served)
        journal.note(served)
        return response
    }

    /// Where the store is shared and thus far away, one reading of its counts serves the whole request.
    func scoped<Value>(_ work: () async throws -> Value) async throws -> Value {
        guard configuration.isShared else { return try await work() }
        return try await RequestScope.$current.withValue(RequestScope()) { try await work() }
    }

    /// - Parameter identity: Who called, as soon as that is proven, whatever comes after.
    private func answer(
        _ route: Result<Route, DoorError>, _ incoming: Incoming, _ identity: inout IdentityID?
    ) async throws -> Answer {
        let head = incoming.request.head
        let route = try admit(route, head, from: incoming.origin.address)
        let caller = await self.caller(of: route, incoming, &identity)
        let isKnown = (try? caller.get()) != nil
        let body = try await body(
            of: route, incoming, limit: isKnown ? limit(of: route) : configuration.longestBody)
        let known = try caller.get()
        if !body.isEmpty { try checkMediaType(head, of: route) }
        var call = Call(
            route: route, requestID: incoming.requestID, source: incoming.origin.address,
            query: try Door.query(of: head),
            body: body, head: head, caller: known, claim: try claim(route, head, known, body))
        call.isThroughDoor = incoming.origin.isDoor
        let asking = Asking(
            network: SourceNetwork.of(call.source), isGone: { [peer = incoming.peer] in peer.isGone })
        return try await Asking.$current.withValue(asking) { [call] in try await once(call) }
    }

    /// Who calls, within the share of the one who does.
    private func caller(
        of route: Route, _ incoming: Incoming, _ identity: inout IdentityID?
    ) async -> Result<Caller, any Error> {
        let source = incoming.origin.address
        do {
            let caller = try await keeper.caller(
                of: route, incoming.request.head, source: source, requestID: incoming.requestID)
            guard case .requester(var requester, let key) = caller else { return .success(caller) }
            identity = requester.identity.id
            try limits.admit(requester.identity.id)
            requester.isThroughDoor = incoming.origin.isDoor
            return .success(.requester(requester, key))
        } catch {
            if identity == nil, route.access != .keyHolder { limits.countUnproven(from: source) }
            return .failure(error)
        }
    }

    /// Answers a repetition with the remembered reply; works for the others.
    private func once(_ call: Call) async throws -> Answer {
        guard let claim = call.claim else { return try await work(call) }
        try await repetitions.enter(claim.scopeHash)
        let outcome: Result<Answer, any Error>
        do {
            try await authority.idempotency.remembered(claim)
            outcome = .success(try await work(call))
        } catch AuthorityError.replayed(let reply) {
            outcome = Result { try replay(reply, claim, of: call.route) }
        } catch {
            outcome = .failure(error)
        }
        repetitions.leave(claim.scopeHash)
        return try outcome.get()
    }

    private func work(_ call: Call) async throws -> Answer {
        guard let act = try ActInHand(call) else { return try await done(call) }
        return try await ActInHand.$current.withValue(act) { try await done(call) }
    }

    private func done(_ call: Call) async throws -> Answer {
        guard call.route.takesLong else { return try await routes.answer(call) }
        return try await withTaskExecutorPreference(authority.workshop) { try await routes.answer(call) }
    }

    private func replay(_ reply: RememberedReply, _ claim: IdempotencyClaim, of route: Route) throws -> Answer
    {
        guard reply.bodyHash == claim.bodyHash else { throw AuthorityError.refused(.idempotencyMismatch) }
        let bytes = try authority.idempotency.open(reply)
        let certificate =
            route == .certificates ? try APICoding.decode(CertificateReply.self, from: bytes) : nil
        return Answer(
            .bytes(bytes, type: "application/json"), receipt: reply.receipt, serial: certificate?.serial)
    }

    private func claim(
        _ route: Route, _ head: HTTPRequest, _ caller: Caller, _ body: [UInt8]
    ) throws(DoorError) -> IdempotencyClaim? {
        let given = head.headerFields[values: .idempotencyKey]
        guard let key = given.first, route.method == "POST" else { return nil }
        guard given.count == 1, (1...128).contains(key.utf8.count),
            key.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw .badRequest("Idempotency-Key: 1 to 128 visible ASCII characters") }
        let scope = "\(caller.scope)\n\(route.rawValue)\n\(key)"
        // The client's key is kept as a hash alone: a body with a password in it cannot be guessed from its own.
        return IdempotencyClaim(
            scopeHash: TokenHash.of(scope), bodyHash: TokenHash.of(Array(scope.utf8) + [0] + body),
            notAfter: keeper.now().advanced(by: 86_400))
    }
}

/// A request with where it comes from.
struct Incoming: Sendable {
    let request: Request
    let peer: Peer
    let requestID: String
    let origin: Origin
}

extension Duration {
    var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
