import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Names

/// `reeve-bench revoke`: revokes certificates by the thousand, spread over those that were given.
struct RevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Revoke user certificates, taken at random from a range of serials.")

    @Option(help: "State folder of `reeve` with the session of an admin.")
    var home: String
    @Option(help: "First serial that may be taken.")
    var from: UInt64 = 1
    @Option(help: "Last serial that may be taken.")
    var through: UInt64
    @Option(help: "How many.")
    var count: Int
    @Option(help: "Requests at once.")
    var parallel = 32

    func validate() throws {
        guard from <= through, (1...through - from + 1).contains(UInt64(max(count, 0))), parallel > 0 else {
            throw ValidationError("Give a range that has so many serials.")
        }
    }

    func run() async throws {
        let caller = try Caller(home: home)
        guard let server = caller.server, let pem = caller.rootPEM else {
            throw BenchFault("the state folder names no server")
        }
        let connection = try AuthorityConnection(
            servers: [server], trust: .root(pem: pem), key: caller.key, token: Secret(caller.token))
        let serials = Array((from...through).shuffled().prefix(count))
        let version = try await withThrowingTaskGroup(of: UInt64.self) { group in
            for lane in 0..<parallel {
                let own = stride(from: lane, to: serials.count, by: parallel).map { serials[$0] }
                group.addTask { try await Self.revoke(own, connection) }
            }
            return try await group.reduce(0, max)
        }
        await connection.close()
        Measurement(
            measure: "state version", subject: "reeved", value: Double(version), unit: "",
            details: ["revoked": Double(serials.count)]
        ).show()
    }

    /// - Returns: The newest version of the host state that carries some of them.
    private static func revoke(_ serials: [UInt64], _ connection: AuthorityConnection) async throws -> UInt64
    {
        var newest: UInt64 = 0
        for serial in serials {
            let request = RevocationRequest(serial: serial, reason: "bench")
            let (reply, _) = try await connection.call(.revocations, body: request, as: RevocationReply.self)
            newest = max(newest, reply.stateVersion)
        }
        return newest
    }
}
