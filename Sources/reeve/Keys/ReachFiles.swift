import AuthorityAPI
import AuthorityClient
import Glibc
import Posix
import SSHFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension StateFolder {
    static let reachFile = "reach.json"

    /// What could be reached when last asked; nil before the first login.
    func reach() throws -> ReachReply? { try record(Self.reachFile, as: ReachReply.self) }

    /// Writes what ssh must know of the hosts. The list of revoked host keys comes first: ssh refuses every host when a
    /// file that `RevokedHostKeys` names is missing.
    func keep(_ reach: ReachReply) throws {
        guard let list = Data(base64Encoded: reach.revokedHostKeys) else {
            throw Fault(ClientError.badReply("the list of revoked host keys is not Base64"))
        }
        let krl = Array(list)
        if try isNews(krl) { try replace("revoked_hosts", with: krl) }
        let text = try KnownHostsText(
            hosts: try reach.knownHosts(), hostCAKeys: reach.hostCAKeys, door: try reach.knownDoor())
        try replace("known_hosts", with: Array(text.text.utf8))
        if unsafe access(path + "/" + Self.sshConfigFile, F_OK) == 0 {
            try replace(Self.sshConfigFile, with: Array(try sshConfig(for: reach).utf8))
        }
        try replace(Self.reachFile, with: APICoding.encode(reach))
    }

    /// Whether the list comes after the one that is held. After a restore of the authority versions begin lower, but later.
    ///
    /// - Throws: ``KRLError`` for what is no list.
    private func isNews(_ krl: [UInt8]) throws -> Bool {
        let new = krl.isEmpty ? nil : try KRL(bytes: krl)
        guard let bytes = try? file("revoked_hosts").read(limit: KRL.limit), !bytes.isEmpty,
            let held = try? KRL(bytes: bytes)
        else { return true }
        guard let new else { return false }
        return new.version >= held.version || new.generated > held.generated
    }

    /// Leaves a file as it is that says so already: each write waits for the disk, and every fetched certificate for it.
    private func replace(_ name: String, with bytes: [UInt8]) throws {
        guard (try? file(name).read(limit: 16 << 20)) != bytes else { return }
        try file(name).write(bytes, mode: 0o600)
    }
}

extension ReachReply {
    /// The hosts with every name checked.
    func knownHosts() throws -> [KnownHost] { try hosts.map { host in try KnownHost(host) } }

    /// The front door, checked; nil where there is none.
    func knownDoor() throws -> KnownDoor? { try door.map { door in try KnownDoor(door) } }

    /// The host that is called so by name, alias or address.
    func host(named text: String) -> Host? {
        let name = text.lowercased()
        return hosts.first { $0.name == name || $0.aliases.contains(name) || $0.addresses.contains(name) }
    }
}
