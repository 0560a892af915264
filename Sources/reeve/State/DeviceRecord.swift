import AuthorityAPI
import AuthorityClient
import Names
import Posix

/// What this device is to which authority: `device.json`.
struct DeviceRecord: Codable {
    var servers: [String]
    /// Whether a person named them, so that the list which the authority tells is not taken; nil means no.
    let areChosen: Bool?
    /// The pinned TLS root; nil where the roots of the system decide.
    let rootPEM: String?
    let identity: String
    let device: String?
    let origin: String
    /// Verifies checkpoints (C2SP `vkey`), as it was when this device enrolled.
    let checkpointKey: String

    /// What the person calls it: `laptop` of `device:alice.laptop`.
    var label: String? { device?.split(separator: ".").last.map(String.init) }

    static let file = "device.json"
    static let keyFile = "device.key"
    /// The key that the device is to have, while it has another.
    static let nextKeyFile = "device.key.next"
}

/// The session of this device: `session.json`.
struct SessionRecord: Codable {
    let token: String
    let identity: String
    let notAfter: UInt64

    static let file = "session.json"

    init(_ reply: SessionReply) {
        token = reply.token
        identity = reply.whoami.identity
        notAfter = reply.whoami.notAfter
    }
}

extension StateFolder {
    /// - Throws: ``Fault`` when this device is not enrolled.
    func device() throws -> DeviceRecord {
        guard let device = try record(DeviceRecord.file, as: DeviceRecord.self) else {
            throw Fault(
                .needsSignIn, "this device is not enrolled",
                next: "Ask an admin for a link, then: reeve enrol")
        }
        return device
    }

    /// - Throws: ``Fault`` when this device is not enrolled, or its key is gone.
    func deviceKey() throws -> DPoPKey {
        guard let bytes = try file(DeviceRecord.keyFile).readIfPresent(limit: 64) else {
            _ = try device()
            throw Fault(.needsSignIn, "the key of this device is gone", next: "Enrol again: reeve enrol")
        }
        return try DPoPKey(rawRepresentation: bytes)
    }

    /// Keeps what an enrolment or a recovery came to.
    ///
    /// - Parameter areChosen: Whether a person named the servers.
    func keep(
        _ session: SessionReply, of authority: AuthorityInfo, at servers: [ServerAddress], areChosen: Bool,
        trusting trust: ServerTrust
    ) throws {
        var rootPEM: String?
        if case .root(let pem) = trust { rootPEM = pem }
        try write(
            DeviceRecord(
                servers: servers.map(\.description), areChosen: areChosen, rootPEM: rootPEM,
                identity: session.whoami.identity, device: session.whoami.device, origin: authority.origin,
                checkpointKey: authority.checkpointKey),
            to: DeviceRecord.file)
        try learnServers(authority)
        try write(SessionRecord(session), to: SessionRecord.file)
    }

    /// Takes the servers that the authority names, from a connection that the pinned root proved.
    func learnServers(_ told: AuthorityInfo) throws {
        var device = try device()
        let servers = told.addresses.map(\.description)
        guard device.rootPEM != nil, device.areChosen != true, !servers.isEmpty, servers != device.servers
        else { return }
        device.servers = servers
        try write(device, to: DeviceRecord.file)
    }

    /// The session if there is one that has not ended.
    func session() throws -> SessionRecord? {
        guard let session = try record(SessionRecord.file, as: SessionRecord.self),
            session.notAfter > WallClock.now()
        else { return nil }
        return session
    }
}
