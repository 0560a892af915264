/// What anybody may know of an authority: `GET /v1/authority`.
public struct AuthorityInfo: Codable, Hashable, Sendable {
    /// The origin of its ledger, e.g. `keyreeve.example.com`.
    public let origin: String
    public let version: String
    /// OpenSSH public key lines: what hosts with the agent trust to sign users.
    public let userCAKeys: [String]
    /// For hosts without the agent (grants with `principals: plain`).
    public let plainUserCAKeys: [String]
    public let hostCAKeys: [String]
    /// Verifies host states (Ed25519, OpenSSH line).
    public let hostStateKey: String
    /// Verifies checkpoints (C2SP signed-note verifier key).
    public let checkpointKey: String
    /// Seconds since 1970 at the server, to tell a wrong clock.
    public let now: UInt64
    /// Where the authority answers, `https://HOST:PORT` of each of its servers; nil from one that does not say.
    public let servers: [String]?
    /// What may be asked for to sign in, the usual first: `password+totp`, `oidc:corp`.
    public let signIn: [String]?
    /// Its front door for ssh, if there is one.
    public let door: DoorInfo?

    public init(
        origin: String, version: String, userCAKeys: [String], plainUserCAKeys: [String],
        hostCAKeys: [String], hostStateKey: String, checkpointKey: String, now: UInt64,
        servers: [String]? = nil, signIn: [String]? = nil, door: DoorInfo? = nil
    ) {
        self.origin = origin
        self.version = version
        self.userCAKeys = userCAKeys
        self.plainUserCAKeys = plainUserCAKeys
        self.hostCAKeys = hostCAKeys
        self.hostStateKey = hostStateKey
        self.checkpointKey = checkpointKey
        self.now = now
        self.servers = servers
        self.signIn = signIn
        self.door = door
    }

    /// ``servers`` as addresses; what is none is left out, and so are more than 64.
    public var addresses: [ServerAddress] {
        (servers ?? []).prefix(64).compactMap { try? ServerAddress($0) }
    }
}
