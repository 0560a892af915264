import Posix
import SSHFormats

/// The ssh-agent of `SSH_AUTH_SOCK`. Every exchange has 10 s; an answer is at most 1 MiB.
struct AgentSocket: AgentTransport {
    private let connection: UnixConnection

    private static let replyLimit = 1 << 20

    /// nil when there is no agent.
    init?() {
        guard let path = Environment.value("SSH_AUTH_SOCK"),
            let connection = try? UnixConnection.connect(path)
        else { return nil }
        self.connection = connection
    }

    /// Of the process at the other end, where the kernel tells.
    var processName: String? {
        guard let pid = try? connection.peer().pid,
            let bytes = try? DurableFile("/proc/\(pid)/comm").read(limit: 64)
        else { return nil }
        return String(decoding: bytes.filter { $0 != 0x0a }, as: UTF8.self)
    }

    mutating func exchange(_ request: [UInt8]) throws -> [UInt8] {
        let deadline = Deadline.after(milliseconds: 10_000)
        try connection.write(request, deadline: deadline)
        let head = try connection.read(exactly: 4, deadline: deadline)
        let length = head.reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.replyLimit else {
            throw AgentError.wire(.tooLong(length, limit: Self.replyLimit))
        }
        return head + (try connection.read(exactly: length, deadline: deadline))
    }
}

/// Keys with their certificates in an ssh-agent.
struct KeyAgent {
    private var client: AgentClient<AgentSocket>

    init?() {
        guard let socket = AgentSocket() else { return nil }
        client = AgentClient(socket)
    }

    /// Hands over the key, once with the certificate and once alone, since some clients use a certificate only if its
    /// key is there too. Both are forgotten when the certificate ends.
    ///
    /// - Throws: ``AgentError`` when the agent takes no keys at all.
    mutating func add(_ key: PrivateKey, _ certificate: Certificate, comment: String, now: UInt64) throws {
        let left = certificate.validBefore.seconds - min(now, certificate.validBefore.seconds)
        let constraints = AgentConstraints(lifetime: UInt32(clamping: max(left, 1)))
        do {
            try add(key, certificate, comment: comment, constraints)
        } catch AgentError.failure {
            try add(key, certificate, comment: comment, .none)
            Output.warn("the ssh-agent takes no lifetimes; it keeps \(comment) until `reeve logout`")
        }
    }

    private mutating func add(
        _ key: PrivateKey, _ certificate: Certificate, comment: String, _ constraints: AgentConstraints
    ) throws {
        try client.add(certificate, key: key, comment: comment, constraints: constraints)
        try client.add(key, comment: comment, constraints: constraints)
    }

    /// Has both forgotten; it is no error when they are not there.
    mutating func remove(_ certificate: Certificate) throws {
        for blob in [certificate.blob, certificate.publicKey.blob] {
            do { try client.remove(blob) } catch AgentError.failure { continue }
        }
    }

    /// Whether the agent can sign with this certificate.
    mutating func holds(_ certificate: Certificate) throws -> Bool {
        try client.identities().contains { $0.blob == certificate.blob }
    }
}
