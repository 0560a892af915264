import SSHFormats
import Testing

@Suite struct `An agent's further messages` {
    private static func host(
        _ name: String = "web1", _ key: String = "ed25519"
    ) throws -> DestinationConstraint.Host {
        try .init(name: name, keys: [.init(try Vector.key(key), isCertAuthority: name == "ca")])
    }

    @Test func `OpenSSH's agent keeps a key for the hops it is given for`() throws {
        var client = AgentClient(try RealAgent())
        let key = try Vector.privateKey("ecdsa")
        let hops = [
            DestinationConstraint(to: try Self.host("ca"), user: "alice"),
            DestinationConstraint(from: try Self.host(), to: try Self.host("web2", "rsa")),
        ]
        try client.add(
            key, comment: "bound", constraints: try AgentConstraints(lifetime: 60).restricted(to: hops))
        // Nothing says through which session this is asked.
        #expect(throws: AgentError.failure) { try client.sign([1], with: key.publicKey.blob) }
        #expect(try client.identities().map(\.comment) == ["bound"])
    }

    @Test func `destination constraints come back as they were written`() throws {
        let hops = [
            DestinationConstraint(to: try Self.host("ca"), user: "alice"),
            DestinationConstraint(from: try Self.host(), to: try Self.host("web2", "rsa")),
        ]
        let constraints = try AgentConstraints(confirm: true).restricted(to: hops)
        #expect(try constraints.destinations() == hops)
        #expect(try AgentConstraints().destinations() == nil)
        #expect(throws: AgentError.badConstraint("hops stand there once")) {
            try constraints.restricted(to: hops)
        }
        let data = try #require(constraints.extensions.first).data
        for count in data.indices where count != 0 {
            let cut = AgentConstraints(
                extensions: [
                    .init(name: DestinationConstraint.extensionName, data: Array(data.prefix(count)))
                ])
            if let read = try? cut.destinations() { #expect(read.count < hops.count) }
        }
    }

    @Test func `OpenSSH's agent is bound to a session by its host key's signature`() throws {
        var client = AgentClient(try RealAgent())
        let host = try Vector.privateKey("ed25519")
        let session = [UInt8](repeating: 7, count: 32)
        let binding = try AgentSessionBinding(
            hostKey: .key(host.publicKey), session: session, signature: try host.sign(session),
            isForwarding: false)
        try client.bind(binding)
        #expect(try AgentSessionBinding(binding.message) == binding)
        #expect(throws: AgentError.signature(.invalid)) {
            try AgentSessionBinding(
                hostKey: .key(host.publicKey), session: [1], signature: binding.signature, isForwarding: true)
        }
        let bad = AgentExtension(
            name: AgentSessionBinding.extensionName, contents: binding.message.contents.dropLast() + [2])
        #expect(throws: AgentError.wire(.notCanonical("boolean"))) { try AgentSessionBinding(bad) }
    }

    @Test func `OpenSSH's agent is locked and unlocked, and asks before use`() throws {
        var client = AgentClient(try RealAgent())
        let key = try Vector.privateKey("ed25519")
        try client.add(key, comment: "asks", constraints: AgentConstraints(confirm: true))
        try client.lock(passphrase: Array("secret".utf8))
        #expect(try client.identities().isEmpty)
        #expect(throws: AgentError.failure) { try client.unlock(passphrase: Array("wrong".utf8)) }
        try client.unlock(passphrase: Array("secret".utf8))
        #expect(try client.identities().count == 1)
        // Nobody is there to say yes.
        #expect(throws: AgentError.failure) { try client.sign([1], with: key.publicKey.blob) }
        #expect(try client.extensions() == nil)
    }

    @Test func `requests and replies come back as they were written`() throws {
        let requests: [AgentRequest] = [
            .lock(passphrase: [1]), .unlock(passphrase: []), .extension(.query),
            .extension(AgentExtension(name: "x@example.com", contents: [1, 2, 3])),
        ]
        for request in requests {
            let bytes = try request.encoded()
            #expect(try AgentRequest(message: bytes).encoded() == bytes)
            #expect(!"\(request)".contains("passphrase"))
        }
        let reply = AgentReply.extension(AgentExtension(name: "query", contents: [0, 0, 0, 1, 0x61]))
        #expect(try AgentReply(message: reply.encoded) == reply)
        #expect(try AgentReply(message: AgentReply.extensionFailure.encoded) == .extensionFailure)
    }
}
