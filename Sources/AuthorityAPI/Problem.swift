/// A refusal as it travels: RFC 9457 `application/problem+json`.
public struct Problem: Codable, Hashable, Sendable, Error {
    /// `https://keyreeve.org/problems/<code>`.
    public let type: String
    /// One sentence: what to do next.
    public let title: String
    public let status: Int
    /// What it was about; never a secret.
    public let detail: String?
    /// The stable code, e.g. `principal-not-granted`.
    public let code: String
    /// Finds the log line, and the ledger event of what was done or denied; what was not understood is in the log alone.
    public let requestID: String
    /// Factors to show, by continuing the sign-in conversation of the session; then the request would be let through.
    public let factors: [String]?
    /// Number of the request that waits for approvals (`approval-required`).
    public let request: UInt64?

    public init(
        code: String, title: String, status: Int, detail: String?, requestID: String,
        factors: [String]? = nil, request: UInt64? = nil
    ) {
        type = "https://keyreeve.org/problems/\(code)"
        self.title = title
        self.status = status
        self.detail = detail
        self.code = code
        self.requestID = requestID
        self.factors = factors
        self.request = request
    }
}
