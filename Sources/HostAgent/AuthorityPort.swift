package import AuthorityAPI
package import Names

/// What the agent asks of its authority. It never names a principal: the server knows what this host is called.
package protocol AuthorityPort: Sendable {
    /// Redeems the link's token for the agent's key.
    func enrol(_ token: Secret<String>) async throws(AuthorityFault) -> EnrolReply
    /// Finishes the enrolment with the proofs of the host keys.
    func enrolHost(_ request: EnrolHostRequest) async throws(AuthorityFault) -> EnrolHostReply
    func hostCertificates(
        _ request: HostCertificatesRequest
    ) async throws(AuthorityFault) -> HostCertificatesReply
    func hostState() async throws(AuthorityFault) -> HostStateReply
    /// Says what is in force here.
    func acknowledge(
        _ request: HostAcknowledgementRequest
    ) async throws(AuthorityFault) -> HostAcknowledgementReply
    /// Its present CA keys, over the pinned connection.
    func authority() async throws(AuthorityFault) -> AuthorityInfo
    /// The servers that it goes to.
    var serverCount: Int { get }
    /// Goes on with these servers.
    func turn(to servers: [ServerAddress])
    /// Stays connected and calls back for all that arrives; returns when the server ends the stream.
    func events(_ arrived: @escaping @Sendable (AuthorityPush) -> Void) async throws(AuthorityFault)
}

/// Where there is one server for ever.
extension AuthorityPort {
    package var serverCount: Int { 1 }
    package func turn(to servers: [ServerAddress]) {}
}

/// What the authority says without being asked.
package enum AuthorityPush: Hashable, Sendable {
    /// There is a new state.
    case state
    /// When this stream breaks, come back within so many milliseconds.
    case retry(milliseconds: UInt64)
}

/// Why the authority gave no answer that can be used.
package enum AuthorityFault: Error, Hashable, Sendable {
    /// It refuses; the code and what to do next.
    case refused(Problem)
    /// Not there, too slow, not the one that is pinned, or not speaking our language.
    case unreachable(String)
    /// The clocks differ; nothing that is proven or signed counts then.
    case wrongClock(String)

    package var fault: Fault {
        switch self {
        case .refused(let problem):
            Fault("refused-" + problem.code, "\(problem.title) (request \(problem.requestID))")
        case .unreachable(let reason): Fault("unreachable", reason)
        case .wrongClock(let reason): Fault("clock-wrong", "\(reason); set it")
        }
    }
}
