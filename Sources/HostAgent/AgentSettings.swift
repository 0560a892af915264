/// Where things stand on this host. The defaults are those of the package; every one can be set by an option.
package struct AgentSettings: Hashable, Sendable {
    package static let standardData = "/var/lib/reeve-agent"

    /// The agent's folder; its layout is in Docs/HOST-LAYOUT.md.
    package var data: String
    package var sshdConfig: String
    package var dropIn: String
    package var sshd: String
    package var sshKeygen: String
    /// Absolute path of ``PrincipalsProgram``, which sshd runs to learn the principals.
    package var program: String
    /// Whom sshd runs it as.
    package var commandUser: String
    /// What makes sshd read its configuration again; empty: SIGHUP to the process in sshd's PidFile.
    package var reload: [String]
    /// The file that sshd writes its own log to (`sshd -E`), where sessions shall be told apart by it; nil: the journal of
    /// systemd.
    package var sshdLog: String?
    /// Where `pam_reeve.so` asks; its folder belongs to root alone.
    package var pamSocket: String
    /// Seconds without news of the authority after which sudo is refused.
    package var sudoGrace: UInt64

    /// Where there is one agent, the module needs no argument; another has its socket in its own folder.
    package static func standardSocket(_ data: String) -> String {
        data == standardData ? "/run/reeve-agent/pam.sock" : data + "/run/pam.sock"
    }

    package init(
        data: String = standardData, sshdConfig: String = "/etc/ssh/sshd_config",
        dropIn: String = "/etc/ssh/sshd_config.d/00-keyreeve.conf", sshd: String = "/usr/sbin/sshd",
        sshKeygen: String = "/usr/bin/ssh-keygen", program: String, commandUser: String = "nobody",
        reload: [String] = [], sshdLog: String? = nil, pamSocket: String? = nil, sudoGrace: UInt64 = 86_400
    ) {
        self.sshdLog = sshdLog
        self.data = data
        self.sshdConfig = sshdConfig
        self.dropIn = dropIn
        self.sshd = sshd
        self.sshKeygen = sshKeygen
        self.program = program
        self.commandUser = commandUser
        self.reload = reload
        self.pamSocket = pamSocket ?? Self.standardSocket(data)
        self.sudoGrace = sudoGrace
    }

    package var folder: AgentFolder { AgentFolder(data) }
}
