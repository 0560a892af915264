/// What the ssh_config(5) of a whole machine must say, for all who work on it: one file for ssh_config.d, which names a
/// known_hosts file and a list of revoked host keys beside it.
package struct SystemSSHConfigText: Sendable {
    /// The folder, mostly `/etc/ssh/ssh_config.d`. What does not end in `.conf` is not read there by itself.
    private let folder: String

    package static let configName = "keyreeve.conf"
    package static let knownHostsName = "keyreeve_known_hosts"
    package static let revokedHostsName = "keyreeve_revoked_hosts"

    /// - Throws: ``SSHConfigError/badPath(_:)`` for a path that ssh_config would not take as it is.
    package init(folder: String) throws(SSHConfigError) {
        self.folder = try SSHConfigText.checked(folder)
    }

    /// The whole text, one `Host` block for each host; ends with a line end. `fetch` is as in
    /// ``SSHConfigText/block(for:door:fetch:)``.
    ///
    /// Certificates are looked for where `reeve login` puts them if it is told nothing else. The configuration of a user
    /// is read first and wins.
    package func block(
        for hosts: [KnownHost], door: KnownDoor? = nil, fetch: SSHFetchCommand? = nil
    ) -> String {
        let head = "# Written by `reeve ssh-config --system`; changes are lost.\n"
        let text = head + hosts.map { "\n" + block(for: $0, fetch) }.joined()
        guard let door, !hosts.contains(where: { $0.names.contains(door.host) }) else { return text }
        let knownHosts = [
            "GlobalKnownHostsFile \"\(folder)/\(Self.knownHostsName)\"", "UserKnownHostsFile /dev/null",
        ]
        return text + "\n" + door.block(knownHosts: knownHosts)
    }

    private func block(for host: KnownHost, _ fetch: SSHFetchCommand?) -> String {
        let identity = "~/.local/state/reeve/certificates/by-host/%r@\(host.name)"
        let knowledge = [
            "HostKeyAlias \(host.name)",
            "GlobalKnownHostsFile \"\(folder)/\(Self.knownHostsName)\"",
            "UserKnownHostsFile /dev/null",
            "RevokedHostKeys \"\(folder)/\(Self.revokedHostsName)\"",
            "StrictHostKeyChecking yes",
        ]
        let credentials = [
            "IdentityFile \"\(identity)\"",
            "CertificateFile \"\(identity)-cert.pub\"",
            "IdentitiesOnly yes",
        ]
        let known = "Host \(host.names.joined(separator: " "))"
        let paragraphs =
            fetch.map { [[$0.match(host)] + credentials, [known] + knowledge] }
            ?? [[known] + knowledge + credentials]
        return paragraphs.map { $0.joined(separator: "\n    ") + "\n" }.joined()
    }
}
