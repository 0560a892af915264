public import AuthorityAPI

/// Why a call brought no answer of its kind.
public enum ClientError: Error, Hashable, Sendable {
    /// The authority says no; the problem says why and what to do.
    case refused(Problem)
    /// No connection, or lost for good; the text says what was tried.
    case unreachable(String)
    /// Somebody answers who is not the authority that was pinned.
    case untrusted(String)
    /// The clock of this machine and the authority's differ, or the server's certificate does not count by it.
    case wrongClock(String)
    /// An answer that breaks the contract.
    case badReply(String)
    /// What was to be sent cannot be written.
    case badRequest(String)

    /// Whether another server of the same authority may do better. The call counts once all the same: its
    /// Idempotency-Key stays.
    var movesOn: Bool {
        switch self {
        case .unreachable, .untrusted: true
        case .refused(let problem):
            [429, 503].contains(problem.status)
                && ["busy", "unavailable", "too-many-requests"].contains(problem.code)
        case .wrongClock, .badReply, .badRequest: false
        }
    }

    /// Whether the proof names the nonce of another server, or an old one: a fresh proof will do.
    var wantsOtherNonce: Bool {
        guard case .refused(let problem) = self else { return false }
        return problem.status == 401 && problem.code == "use-dpop-nonce"
    }

    /// Whether the same answer does later: somebody is waited for, and was asked after too often.
    public var comesTooSoon: Bool {
        guard case .refused(let problem) = self else { return false }
        return problem.code == "slow-down"
    }

    /// Whether a person must sign in (again) before this can be done.
    public var needsSignIn: Bool {
        guard case .refused(let problem) = self else { return false }
        return ["not-signed-in", "factor-required", "factor-too-old"].contains(problem.code)
    }
}

extension ClientError: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        switch self {
        case .refused(let problem):
            "refused (\(problem.code))" + (problem.detail.map { $0.isEmpty ? "" : ": \($0)" } ?? "")
        case .unreachable(let text), .untrusted(let text), .wrongClock(let text), .badReply(let text),
            .badRequest(let text):
            text
        }
    }
}
