import Authority
import AuthorityAPI
import HTTPTypes
import Hummingbird
import NIOCore
import Names

/// Takes what providers push by SCIM (RFC 7644). Its callers show a bearer token, since no provider knows DPoP; everything
/// else is bounded, counted and logged as for the other routes.
struct SCIMDoor: Sendable {
    /// Longest token that is looked at, in bytes.
    private static let longestToken = 256

    let door: Door

    static func isMeant(_ head: HTTPRequest) -> Bool {
        let path = (head.path ?? "").prefix { $0 != "?" }
        return path == SCIMRoute.base || path.hasPrefix(SCIMRoute.base + "/")
    }

    /// - Throws: Only what the reading of the request throws, as ``Door/respond(to:context:)``.
    func respond(to request: Request, from peer: Peer) async throws -> Response {
        let started = ContinuousClock.now
        let requestID = RequestID.new()
        let head = request.head
        let (routes, id) = SCIMRoute.at((head.path ?? "").prefix { $0 != "?" })
        let route = routes.first { $0.method == head.method.rawValue }
        var identity: IdentityID?
        var isUnread = false
        let outcome: Result<SCIMAnswer, any Error>
        do {
            let incoming = Incoming(
                request: request, peer: peer, requestID: requestID, origin: Origin(address: peer.address))
            outcome = .success(
                try await door.scoped { try await answer(route, among: routes, id, incoming, &identity) })
        } catch let error as BodyError {
            guard case .unread(let refusal) = error else { throw error.cause }
            isUnread = Door.hasBody(head)
            outcome = .failure(refusal)
        } catch {
            outcome = .failure(error)
        }
        var response: Response
        var failure: Failure?
        switch outcome {
        case .success(let answer): response = Response(answer, requestID: requestID)
        case .failure(let error):
            let failed = Failure(error)
            response = Response(SCIMError(error, failed), failed, requestID: requestID)
            failure = failed
        }
        if isUnread {
            response.headers[.connection] = "close"
            peer.closeSoon()
        }
        let served = Served(
            route: nil, scim: route, requestID: requestID, source: peer.address,
            identity: identity?.description, status: response.status.code, failure: failure,
            seconds: started.duration(to: .now).seconds)
        door.tally.count(served)
        door.journal.note(served)
        return response
    }

    /// - Parameter identity: Who called, as soon as that is proven, whatever comes after.
    private func answer(
        _ route: SCIMRoute?, among routes: [SCIMRoute], _ id: String?, _ incoming: Incoming,
        _ identity: inout IdentityID?
    ) async throws -> SCIMAnswer {
        let head = incoming.request.head
        let caller: ProvisioningCaller
        do {
            try door.limits.admitUnproven(from: incoming.origin.address)
            try door.checkHost(head)
            caller = try await self.caller(incoming)
        } catch let error as BodyError {
            throw error
        } catch let error as DoorError {
            if error == .noProof { door.limits.countUnproven(from: incoming.origin.address) }
            throw BodyError.unread(error)
        } catch let error as AuthorityError {
            door.limits.countUnproven(from: incoming.origin.address)
            guard case .refused(let refused) = error, refused.refusal == .notSignedIn else { throw error }
            throw BodyError.unread(.noProof)
        }
        identity = caller.requester.identity.id
        do { try door.limits.admit(caller.requester.identity.id) } catch { throw BodyError.unread(error) }
        if route == nil, !routes.isEmpty {
            throw BodyError.unread(.wrongMethod(allowed: routes.map(\.method)))
        }
        let body = try await door.body(
            of: incoming, limit: head.method == .get ? 0 : door.configuration.longestPolicyBody)
        guard let route else {
            throw SCIMError(404, nil, "no such address: /ResourceTypes lists what there is")
        }
        if !body.isEmpty { try SCIMDoor.checkMediaType(head) }
        let call = SCIMCall(
            route: route, id: try id.map { try SCIMQuery.decoded($0) },
            query: try SCIMQuery.read(head.path ?? ""),
            body: body, caller: caller, base: "https://\(head.authority ?? "")\(SCIMRoute.base)",
            ifMatch: head.headerFields[.ifMatch], ifNoneMatch: head.headerFields[.ifNoneMatch])
        let routes = SCIMRoutes(authority: door.authority)
        return try await withTaskExecutorPreference(door.authority.workshop) {
            try await routes.answer(call)
        }
    }

    /// `Authorization: Bearer <token>` (RFC 6750 §2.1); never in the address.
    private func caller(_ incoming: Incoming) async throws -> ProvisioningCaller {
        let given = incoming.request.head.headerFields[values: .authorization]
        guard let header = given.first, given.count == 1 else { throw DoorError.noProof }
        let parts = header.utf8.split(separator: UInt8(ascii: " "), maxSplits: 1)
        guard let scheme = parts.first, let token = parts.dropFirst().first,
            Substring(scheme).lowercased() == "bearer", token.count <= SCIMDoor.longestToken
        else { throw DoorError.noProof }
        return try await door.authority.provisioning.authenticate(
            token: String(Substring(token)), source: incoming.origin.address, requestID: incoming.requestID)
    }

    private static func checkMediaType(_ head: HTTPRequest) throws(DoorError) {
        let type = (head.headerFields[.contentType] ?? "").prefix { $0 != ";" }
        guard ["application/scim+json", "application/json"].contains(type.lowercased()) else {
            throw .wrongMediaType("application/scim+json")
        }
    }
}

/// One request as the routes see it.
struct SCIMCall: Sendable {
    let route: SCIMRoute
    let id: String?
    let query: [(name: String, value: String)]
    let body: [UInt8]
    let caller: ProvisioningCaller
    /// What the addresses of resources begin with.
    let base: String
    let ifMatch: String?
    let ifNoneMatch: String?

    /// - Throws: ``SCIMError``
    func message() throws(SCIMError) -> JSONValue {
        do { return try JSONValue.read(body) } catch {
            throw .invalid(.invalidSyntax, "the body is \(error)")
        }
    }
}

struct SCIMAnswer: Sendable {
    var status = 200
    var body: JSONValue?
    /// Of the resource; in its ETag.
    var version: UInt64?
    var location: String?
    var receipt: Receipt?
}

extension Response {
    init(_ answer: SCIMAnswer, requestID: String) {
        var fields = HTTPFields(plain: requestID)
        if let index = answer.receipt?.index { fields[.ledgerIndex] = String(index) }
        if let size = answer.receipt?.treeSize { fields[.treeSize] = String(size) }
        if let version = answer.version { fields[.eTag] = SCIMVersion.text(version) }
        if let location = answer.location { fields[.location] = location }
        guard let body = answer.body else {
            self.init(status: HTTPResponse.Status(code: answer.status), headers: fields)
            return
        }
        fields[.contentType] = "application/scim+json"
        self.init(
            status: HTTPResponse.Status(code: answer.status), headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body.encoded)))
    }

    init(_ error: SCIMError, _ failure: Failure, requestID: String) {
        var fields = HTTPFields(plain: requestID)
        fields[.contentType] = "application/scim+json"
        if error.status == 401 {
            fields[.wwwAuthenticate] = "Bearer realm=\"scim\""
        } else {
            for (name, value) in failure.fields { fields[name] = value }
        }
        self.init(
            status: HTTPResponse.Status(code: error.status), headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: error.message.encoded)))
    }
}

extension SCIMError {
    /// What a provider is told of any error: a sentence, and a type where the protocol has one for it.
    init(_ error: any Error, _ failure: Failure) {
        if let error = error as? SCIMError {
            self = error
            return
        }
        var kind: Kind?
        if case .refused(let refused) = error as? AuthorityError {
            switch refused.refusal {
            case .alreadyExists: kind = .uniqueness
            case .badName, .badRequest: kind = .invalidValue
            default: break
            }
        }
        let advice = failure.status == 401 ? "Show a token that `reeve scim token` made." : failure.advice
        self.init(failure.status, kind, failure.detail ?? advice)
    }
}
