/// The documented layout of the agent's folder (Docs/HOST-LAYOUT.md). All of it belongs to root; what sshd and the
/// principals command read is readable by everybody, the rest by root alone.
package struct AgentFolder: Hashable, Sendable {
    package let path: String

    package init(_ path: String) { self.path = path }

    /// The agent's own P-256 key (32 bytes, mode 0600). It never leaves this host.
    package var key: String { path + "/agent.key" }
    /// Which authority this host belongs to, and the keys pinned when it enrolled.
    package var enrolment: String { path + "/enrolment.json" }
    /// The servers that the authority named last.
    package var servers: String { path + "/servers.json" }
    /// The newest state ever accepted, so that a damaged set does not open the way for an older one.
    package var highWater: String { path + "/high-water" }
    /// When the authority was last reached, and what is wrong.
    package var status: String { path + "/status.json" }
    /// What stood in the drop-in's place before a change that is not proven yet.
    package var journal: String { path + "/drop-in.previous" }
    /// There while sshd has not yet been told to read its configuration again.
    package var reloadDue: String { path + "/reload-due" }
    /// Sessions that were ended, while the authority has not been told of them.
    package var ended: String { path + "/ended.json" }
    package var lock: String { path + "/lock" }
    package var post: String { path + "/run.lock" }

    package var ssh: String { path + "/ssh" }
    package var sets: String { path + "/ssh/sets" }
    /// Symbolic link to the set in force.
    package var current: String { path + "/ssh/current" }
    /// Symbolic link to the set before it: the last good one.
    package var previous: String { path + "/ssh/previous" }

    package var userCA: String { current + "/" + SetFile.userCA.rawValue }
    package var revokedKeys: String { current + "/" + SetFile.revokedKeys.rawValue }
    package var principalFacts: String { current + "/" + SetFile.principalFacts.rawValue }
    package var signedState: String { current + "/" + SetFile.signedState.rawValue }

    /// Where the certificate of a host key goes: named after the key file.
    package func certificate(ofKeyFile keyFile: String) -> String {
        let name = keyFile.utf8.split(separator: UInt8(ascii: "/")).last ?? keyFile.utf8[...]
        return ssh + "/" + String(decoding: name, as: UTF8.self) + "-cert.pub"
    }
}

/// The files of one set, which belong together and are only ever swapped together.
package enum SetFile: String, CaseIterable, Sendable {
    /// For TrustedUserCAKeys.
    case userCA = "user_ca.pub"
    /// For RevokedKeys.
    case revokedKeys = "revoked.krl"
    /// For the principals command.
    case principalFacts = "principals.facts"
    /// The state that the other three come from, with its signature.
    case signedState = "state.signed"
}
