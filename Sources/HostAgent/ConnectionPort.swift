package import AuthorityAPI
package import AuthorityClient
import Crypto
package import Names

/// The port over HTTPS: the agent's key proves each request, the pinned root proves the server.
package struct ConnectionPort: AuthorityPort {
    private let connection: AuthorityConnection

    /// - Parameter key: From ``AgentKey``.
    /// - Throws: ``Fault`` `enrolment-damaged`, `key-damaged`.
    package init(servers: [ServerAddress], trust: ServerTrust, key: DPoPKey) throws(Fault) {
        do { connection = try AuthorityConnection(servers: servers, trust: trust, key: key) } catch {
            throw Fault("enrolment-damaged", "\(error)")
        }
    }

    /// To the authority that this host belongs to.
    ///
    /// - Parameter told: Its servers as it named them last; they do not count where others were chosen.
    package init(_ record: EnrolmentRecord, told: ToldServers?, key: DPoPKey) throws(Fault) {
        var servers: [ServerAddress] = []
        do throws(AddressError) {
            for text in record.servers ?? [record.server] { servers.append(try ServerAddress(text)) }
        } catch {
            throw Fault("enrolment-damaged", "server: \(error)")
        }
        if record.learnsServers, let told, !told.addresses.isEmpty { servers = told.addresses }
        try self.init(servers: servers, trust: record.tlsRoot.map { .root(pem: $0) } ?? .web, key: key)
    }

    package var serverCount: Int { connection.servers.count }
    package func turn(to servers: [ServerAddress]) { connection.turn(to: servers) }

    package func close() async { await connection.close() }

    package func enrol(_ token: Secret<String>) async throws(AuthorityFault) -> EnrolReply {
        try await call(.enrol, EnrolRequest(token: token.withExposed { $0 }))
    }

    package func enrolHost(_ request: EnrolHostRequest) async throws(AuthorityFault) -> EnrolHostReply {
        try await call(.enrolHost, request)
    }

    package func hostCertificates(
        _ request: HostCertificatesRequest
    ) async throws(AuthorityFault) -> HostCertificatesReply {
        try await call(.hostCertificates, request)
    }

    package func hostState() async throws(AuthorityFault) -> HostStateReply {
        do throws(ClientError) { return try await connection.call(.hostState).0 } catch {
            if case .wrongClock = error { await tellTime() }
            throw AuthorityFault(error)
        }
    }

    package func acknowledge(
        _ request: HostAcknowledgementRequest
    ) async throws(AuthorityFault) -> HostAcknowledgementReply {
        try await call(.hostAcknowledgement, request)
    }

    /// Asks once more, in vain: by now the server's nonce is known, and a proof that names it tells the server what time it
    /// is here, so that it can say why logins would fail.
    private func tellTime() async {
        _ = try? await connection.call(.hostState, as: HostStateReply.self)
    }

    package func authority() async throws(AuthorityFault) -> AuthorityInfo {
        do throws(ClientError) { return try await connection.call(.authority).0 } catch {
            throw AuthorityFault(error)
        }
    }

    package func events(
        _ arrived: @escaping @Sendable (AuthorityPush) -> Void
    ) async throws(AuthorityFault) {
        do {
            let events = connection.events(.hostEvents) { arrived(.retry(milliseconds: $0)) }
            for try await _ in events { arrived(.state) }
        } catch let error as ClientError {
            throw AuthorityFault(error)
        } catch {
            throw .unreachable("\(error)")
        }
    }

    private func call<Reply: Decodable>(
        _ route: Route, _ body: some Encodable
    ) async throws(AuthorityFault) -> Reply {
        do throws(ClientError) { return try await connection.call(route, body: body).0 } catch {
            throw AuthorityFault(error)
        }
    }
}

extension AuthorityFault {
    init(_ error: ClientError) {
        switch error {
        case .refused(let problem): self = .refused(problem)
        case .wrongClock(let text): self = .wrongClock(text)
        case .unreachable(let text), .untrusted(let text), .badReply(let text), .badRequest(let text):
            self = .unreachable(text)
        }
    }
}
