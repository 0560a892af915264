import SSHFormats

/// What clients and agents say to each other.
let agentFuzzers: [Fuzzer] = [
    Fuzzer("agentRequest") { input in
        guard let request = try? AgentRequest(message: input) else { return }
        guard let written = try? request.encoded() else { return }
        promise(try AgentRequest(message: written).encoded() == written, "what is written is read again")
        guard case .extension(let message) = request else { return }
        _ = try? AgentSessionBinding(message)
    },
    Fuzzer("agentReply") { input in
        guard let reply = try? AgentReply(message: input) else { return }
        promise(try AgentReply(message: reply.encoded) == reply, "what is written is read again")
        guard case .identities(let identities) = reply else { return }
        for identity in identities { _ = (identity.publicKey, identity.certificate) }
    },
    Fuzzer("destinations") { input in
        let name = DestinationConstraint.extensionName
        let constraints = AgentConstraints(extensions: [.init(name: name, data: input)])
        guard let hops = try? constraints.destinations(), !hops.isEmpty else { return }
        promise(
            try AgentConstraints().restricted(to: hops).destinations() == hops,
            "what is written is read again")
    },
]
