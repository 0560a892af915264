import Glibc
import Posix
import SSHFormats

/// A visit through an sshd: its three files, and the agent that it forwards to a socket.
final class StdioVisit: DoorVisit {
    private let agentSocket: String?

    init(agentSocket: String?) { self.agentSocket = agentSocket }

    func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }

    func note(_ line: String) { StandardError.write("\(line)\n") }

    /// The terminal is for the conversation: nothing comes through it.
    func input(limit: Int, milliseconds: Int32) -> [UInt8]? { nil }

    var offersAgent: Bool { agentSocket != nil }

    func agent() throws -> any AgentTransport {
        guard let agentSocket else { throw SSHFault.noAgent }
        return SocketAgent(connection: try UnixConnection.connect(agentSocket))
    }
}

/// An ssh-agent at a socket. Each answer has 20 s.
private struct SocketAgent: AgentTransport {
    let connection: UnixConnection

    func exchange(_ request: [UInt8]) throws -> [UInt8] {
        let deadline = Deadline.after(milliseconds: 20_000)
        try connection.write(request, deadline: deadline)
        let head = try connection.read(exactly: 4, deadline: deadline)
        return head + (try connection.read(exactly: try AgentFrame.bodyLength(head), deadline: deadline))
    }
}
