/// What ssh_config(5) must say so that stock OpenSSH uses our certificates and knows the hosts.
package struct SSHConfigText: Sendable {
    /// Folder of ours with `known_hosts`, `revoked_hosts` and `certificates`.
    private let folder: String

    /// - Throws: ``SSHConfigError/badPath(_:)`` for a path that ssh_config would not take as it is.
    package init(folder: String) throws(SSHConfigError) {
        self.folder = try Self.checked(folder)
    }

    /// - Throws: ``SSHConfigError/badPath(_:)``
    static func checked(_ folder: String) throws(SSHConfigError) -> String {
        let isPlain = folder.utf8.allSatisfy { byte in
            byte >= 0x20 && byte != 0x7f && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "%")
                && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "$")
        }
        guard folder.hasPrefix("/"), isPlain else { throw .badPath(folder) }
        return folder
    }

    /// The whole text, one `Host` block for each host; ends with a line end.
    ///
    /// - Parameter door: The front door; left out where an enrolled host has its name, whose block ssh would mix with it.
    package func block(for hosts: [KnownHost], door: KnownDoor? = nil) -> String {
        let blocks = hosts.map { host in
            (["Host " + host.names.joined(separator: " ")] + lines(for: host).map { "    " + $0 } + [""])
                .joined(separator: "\n")
        }
        let text =
            (["# Written by `reeve ssh-config`; changes are lost."] + blocks).joined(separator: "\n") + "\n"
        guard let door, !hosts.contains(where: { $0.names.contains(door.host) }) else { return text }
        return text
            + door.block(knownHosts: [
                "UserKnownHostsFile \"\(folder)/known_hosts\"", "GlobalKnownHostsFile /dev/null",
            ])
    }

    /// For `ssh -o`: the same as in the block, with the login filled in.
    package func options(for host: KnownHost, login: String) -> [String] {
        lines(for: host, login: login).map { line in
            guard let space = line.firstIndex(of: " ") else { return line }
            return line[..<space] + "=" + line[line.index(after: space)...]
        }
    }

    /// The line that takes an installed file into the configuration of the user.
    package static func include(_ path: String) -> String { "Include \"\(path)\"" }

    private func lines(for host: KnownHost, login: String = "%r") -> [String] {
        let identity = "\(folder)/certificates/by-host/\(login)@\(host.name)"
        return [
            "HostKeyAlias \(host.name)",
            "UserKnownHostsFile \"\(folder)/known_hosts\"",
            "GlobalKnownHostsFile /dev/null",
            "RevokedHostKeys \"\(folder)/revoked_hosts\"",
            "IdentityFile \"\(identity)\"",
            "CertificateFile \"\(identity)-cert.pub\"",
            "IdentitiesOnly yes",
            "StrictHostKeyChecking yes",
        ]
    }
}

/// Why no configuration can be written.
package enum SSHConfigError: Error, Hashable, Sendable {
    /// Not absolute, or with a quote, `%`, `$`, backslash or control character.
    case badPath(String)
}

extension SSHConfigError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badPath(let path):
            "\(String(reflecting: path)) is not absolute, or has a quote, %, $, backslash or control character"
        }
    }
}
