import AuthorityAPI
import AuthorityClient
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
        if !krl.isEmpty { _ = try KRL(bytes: krl) }
        try file("revoked_hosts").write(krl, mode: 0o600)
        let text = try KnownHostsText(hosts: try reach.knownHosts(), hostCAKeys: reach.hostCAKeys)
        try file("known_hosts").write(Array(text.text.utf8), mode: 0o600)
        try write(reach, to: Self.reachFile)
    }
}

extension ReachReply {
    /// The hosts with every name checked.
    func knownHosts() throws -> [KnownHost] { try hosts.map { host in try KnownHost(host) } }

    /// The host that is called so by name, alias or address.
    func host(named text: String) -> Host? {
        let name = text.lowercased()
        return hosts.first { $0.name == name || $0.aliases.contains(name) || $0.addresses.contains(name) }
    }
}
