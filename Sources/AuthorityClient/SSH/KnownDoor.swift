package import AuthorityAPI
import Names
package import SSHFormats

/// The front door as a client may write it into files of OpenSSH: name and key checked, whoever sent them.
package struct KnownDoor: Hashable, Sendable {
    private static let usualPort = 22
    package let host: String
    package let port: Int
    package let key: PublicKey

    /// - Throws: ``KnownHostError/badName(_:)`` for anything but a lower-case name or numeric address, a port, a key.
    package init(_ door: DoorInfo) throws(KnownHostError) {
        let isNumeric =
            !door.host.utf8.contains { "/,".utf8.contains($0) } && (try? SourceAddresses([door.host])) != nil
        guard isNumeric || (try? Name(host: door.host)) != nil, (1...65_535).contains(door.port) else {
            throw .badName(door.host)
        }
        guard let key = try? PublicKey(text: door.hostKey) else { throw .badName(door.hostKey) }
        (host, port, self.key) = (door.host, door.port, key)
    }

    /// As ssh looks it up in known_hosts.
    package var knownHostsName: String { port == Self.usualPort ? host : "[\(host)]:\(port)" }

    /// The block of ssh_config; `knownHosts` are the lines that name the file.
    func block(knownHosts: [String]) -> String {
        let lines =
            ["Port \(port)"] + knownHosts + [
                "HostKeyAlgorithms \(key.type.name)", "PreferredAuthentications keyboard-interactive",
                "StrictHostKeyChecking yes",
            ]
        return (["Host \(host)"] + lines.map { "    " + $0 }).joined(separator: "\n") + "\n"
    }
}
