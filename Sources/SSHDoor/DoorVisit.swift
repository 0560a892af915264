import SSHFormats

/// What somebody inside brings along: output for the answer, input, and perhaps an ssh-agent.
protocol DoorVisit {
    /// What was asked for.
    func say(_ line: String)
    /// What else a person should know; standard error.
    func note(_ line: String)
    /// What the client sends, to its end; nil when it is longer than `limit`, or takes longer than that.
    func input(limit: Int, milliseconds: Int32) -> [UInt8]?
    var offersAgent: Bool { get }
    /// - Throws: ``SSHFault/noAgent``
    func agent() throws -> any AgentTransport
}

/// An agent of whatever kind.
struct BorrowedAgent: AgentTransport {
    var agent: any AgentTransport

    mutating func exchange(_ request: [UInt8]) throws -> [UInt8] { try agent.exchange(request) }
}
