package import Diagnosis
package import Posix
package import SSHFormats

/// Looks at everything that logins on this host rest on, one after the other. Changes nothing, and may run beside the agent.
package struct HostExamination: Sendable {
    let settings: AgentSettings
    let now: @Sendable () -> UnixTime
    /// Where the kernel shows itself.
    let system: String
    /// Whose files sshd would read.
    let accounts: @Sendable () -> [PosixAccount]

    package init(
        settings: AgentSettings, now: @escaping @Sendable () -> UnixTime, system: String = "/sys",
        accounts: @escaping @Sendable () -> [PosixAccount] = { PosixAccount.all() }
    ) {
        self.settings = settings
        self.now = now
        self.system = system
        self.accounts = accounts
    }

    /// - Parameter port: To the authority; nil where this host is not enrolled.
    package func all(asking port: (any AuthorityPort)?) async -> [Finding] {
        let record: EnrolmentRecord?
        var findings: [Finding] = []
        do throws(Fault) {
            record = try EnrolmentRecord.load(settings.folder)
            findings.append(.good("enrolment", "\(record?.host ?? ""), at \(record?.server ?? "")"))
        } catch {
            record = nil
            findings.append(.failure(error.code, error.text, command: remedies.enrol))
        }
        findings += await ClockExamination(now: now).findings(asking: port)
        if let record { findings += StateExamination(self, record).findings }
        let codes = Set(findings.map(\.code))
        findings += AgentExamination(self).findings.filter { !codes.contains($0.code) }
        findings += SSHDExamination(self).findings
        findings += PathExamination(self).findings
        findings += ConfinementExamination(self).findings
        return findings
    }

    var folder: AgentFolder { settings.folder }
    var remedies: Remedies { Remedies(settings: settings) }
}

/// The lines for a shell that mend what was found.
struct Remedies: Sendable {
    let settings: AgentSettings

    /// `reeve-agent COMMAND` with the options that were given to us.
    func agent(_ command: String) -> String {
        var words = ["reeve-agent", command]
        let usual = AgentSettings(program: settings.program)
        if settings.data != usual.data { words += ["--data", settings.data] }
        if settings.sshdConfig != usual.sshdConfig { words += ["--sshd-config", settings.sshdConfig] }
        if settings.dropIn != usual.dropIn { words += ["--drop-in", settings.dropIn] }
        if settings.sshd != usual.sshd { words += ["--sshd", settings.sshd] }
        return words.map(PlainText.shellWord).joined(separator: " ")
    }

    var enrol: String { agent("enrol") }
    var sync: String { agent("sync") }

    /// Opens a file at a line, and has sshd read it.
    func edit(_ file: String, line: Int) -> String {
        "${EDITOR:-vi} +\(line) \(PlainText.shellWord(file)) && \(reload)"
    }

    /// Sets what stands nowhere yet, before all others but us.
    func set(_ keyword: String, to value: String) -> String {
        let folder = settings.dropIn.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        let file = PlainText.shellWord("\(folder)/10-\(keyword.lowercased()).conf")
        return "echo '\(keyword) \(value)' > \(file) && \(reload)"
    }

    var reload: String {
        let test = [settings.sshd, "-t", "-f", settings.sshdConfig].map(PlainText.shellWord)
        let isDebian = FileTree.exists("/lib/systemd/system/ssh.service")
        let usual = ["systemctl", "reload", isDebian ? "ssh" : "sshd"]
        let command = settings.reload.isEmpty ? usual : settings.reload
        return test.joined(separator: " ") + " && "
            + command.map(PlainText.shellWord).joined(separator: " ")
    }

    /// Takes a path from everybody but root.
    func own(_ path: String) -> String {
        let word = PlainText.shellWord(path)
        return "chown root: \(word) && chmod go-w \(word)"
    }
}

extension FindingReport {
    package var json: String { (try? AgentJSON.text(self)).map { String(decoding: $0, as: UTF8.self) } ?? "" }
}
