import AuthorityAPI
import AuthorityClient
import Names

/// Asks for a certificate that others may have to approve first, and waits for them if that is wanted.
struct ApprovalWait {
    let reason: String?
    let isWanted: Bool

    static let none = ApprovalWait(reason: nil, isWanted: false)

    func certificate(
        _ request: CertificateRequest, _ connection: AuthorityConnection
    ) async throws -> CertificateReply {
        while true {
            do {
                return try await connection.call(.certificates, body: request, as: CertificateReply.self).0
            } catch {
                guard isWanted, let number = error.waitingRequest else { throw error }
                Output.note("reeve: \(error); waiting")
                try await Self.approval(of: number, connection)
            }
        }
    }

    /// - Throws: ``Fault`` if it ends otherwise.
    static func approval(of number: UInt64, _ connection: AuthorityConnection) async throws {
        while true {
            try await Task.sleep(for: .seconds(2))
            let found: ApprovalReply
            do { found = try await connection.request(number) } catch ClientError.unreachable { continue }
            guard found.state != "open" else { continue }
            guard found.state != "approved" else { return }
            let words = found.votes.last { $0.decision == "denied" }.map { vote in
                " by \(vote.person)" + (vote.reason.map { ": \($0)" } ?? "")
            }
            throw Fault(
                .refused, "request \(number) is \(found.state)\(words ?? "")",
                next: "See it with `reeve requests show \(number)`; asking again makes another.")
        }
    }
}

extension AuthorityConnection {
    /// One request that needs approvals.
    func request(_ number: UInt64) async throws -> ApprovalReply {
        let query = [(name: "number", value: String(number))]
        let (reply, _) = try await call(.requests, query: query, as: ApprovalListReply.self)
        guard let found = reply.requests.first, found.number == number else {
            throw ClientError.badReply("the authority shows another request than was asked for")
        }
        return found
    }
}

extension ClientError {
    /// The request that others must approve first.
    var waitingRequest: UInt64? {
        guard case .refused(let problem) = self, problem.code == "approval-required" else { return nil }
        return problem.request
    }
}
