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
    /// - Parameters:
    ///   - door: The front door; left out where an enrolled host has its name, whose block ssh would mix with it.
    ///   - fetch: What fetches a certificate where none is held. Key and certificate are then named only where it says yes, so
    ///     that ssh goes on with what else it has where there is none. Without it they are always named.
    package func block(
        for hosts: [KnownHost], door: KnownDoor? = nil, fetch: SSHFetchCommand? = nil
    ) -> String {
        let blocks = hosts.map { host in
            let known = "Host " + host.names.joined(separator: " ")
            let paragraphs =
                fetch.map { [[$0.match(host)] + credentials(for: host), [known] + knowledge(of: host)] }
                ?? [[known] + knowledge(of: host) + credentials(for: host)]
            return paragraphs.map { $0.joined(separator: "\n    ") + "\n" }.joined()
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
        (knowledge(of: host) + credentials(for: host, login: login)).map { line in
            guard let space = line.firstIndex(of: " ") else { return line }
            return line[..<space] + "=" + line[line.index(after: space)...]
        }
    }

    /// The line that takes an installed file into the configuration of the user.
    package static func include(_ path: String) -> String { "Include \"\(path)\"" }

    /// What makes ssh know the host and nobody else for it.
    private func knowledge(of host: KnownHost) -> [String] {
        [
            "HostKeyAlias \(host.name)",
            "UserKnownHostsFile \"\(folder)/known_hosts\"",
            "GlobalKnownHostsFile /dev/null",
            "RevokedHostKeys \"\(folder)/revoked_hosts\"",
            "StrictHostKeyChecking yes",
        ]
    }

    private func credentials(for host: KnownHost, login: String = "%r") -> [String] {
        let identity = "\(folder)/certificates/by-host/\(login)@\(host.name)"
        return [
            "IdentityFile \"\(identity)\"",
            "CertificateFile \"\(identity)-cert.pub\"",
            "IdentitiesOnly yes",
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
