import AuthorityAPI
import AuthorityClient
import Names

extension StateFolder {
    /// Lends a connection in the name of this device, without a session.
    func connected<Result>(
        _ device: DeviceRecord, _ use: (AuthorityConnection) async throws -> Result
    ) async throws -> Result {
        let servers = try device.servers.map { text in try ServerAddress(text) }
        let trust = device.rootPEM.map { ServerTrust.root(pem: $0) } ?? .web
        let connection = try AuthorityConnection(servers: servers, trust: trust, key: try deviceKey())
        return try await connection.lent(use)
    }

    /// Lends a connection that is signed in. Where a factor is asked for in the middle and somebody can answer, it is shown,
    /// and everything is done again.
    ///
    /// - Parameter waiting: Whether to wait until others have agreed to what they must agree to.
    /// - Throws: ``Fault`` with ``ExitStatus/needsSignIn`` when there is no session.
    func signedIn<Result>(
        waiting: Bool = false, _ use: (AuthorityConnection) async throws -> Result
    ) async throws -> Result {
        let device = try device()
        guard let session = try session() else {
            throw Fault(.needsSignIn, "there is no session", next: "Sign in: reeve login")
        }
        return try await connected(device) { connection in
            let connection = connection.signedIn(with: Secret(session.token))
            var isShown = false
            while true {
                do { return try await use(connection) } catch let error as ClientError {
                    if waiting, let number = error.waitingRequest {
                        Output.note("reeve: \(error); waiting")
                        try await ApprovalWait.approval(of: number, connection)
                        isShown = false
                        continue
                    }
                    guard !isShown, let factors = error.factorsToShow, let stepUp = try StepUp() else {
                        throw error
                    }
                    Output.note("reeve: \(error); asked again: \(factors.joined(separator: ", "))")
                    try await stepUp.show(factors, connection)
                    isShown = true
                }
            }
        }
    }
}

extension AuthorityConnection {
    /// Lends itself and closes after.
    func lent<Result>(_ use: (AuthorityConnection) async throws -> Result) async throws -> Result {
        do {
            let result = try await use(self)
            await close()
            return result
        } catch {
            await close()
            throw error
        }
    }
}
