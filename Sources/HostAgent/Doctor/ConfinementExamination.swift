import Diagnosis
import Posix

/// Hints about SELinux and AppArmor, which may keep sshd from what it needs and say so only in the audit log.
struct ConfinementExamination: Sendable {
    let examination: HostExamination

    init(_ examination: HostExamination) { self.examination = examination }

    var findings: [Finding] { [selinux, apparmor].compactMap(\.self) }

    private var selinux: Finding? {
        guard let state = text("fs/selinux/enforce", limit: 16) else { return nil }
        let look = "ausearch -m avc -c sshd -ts recent"
        guard state.hasPrefix("1") else {
            return .note("selinux", "SELinux is there and only warns", command: look)
        }
        let paths = [examination.settings.data, examination.settings.program].map(PlainText.shellWord)
        return .note(
            "selinux",
            "SELinux enforces its policy: sshd must be allowed to run \(examination.settings.program) and to read "
                + "\(examination.folder.ssh)",
            command: "\(look); restorecon -Rv \(paths.joined(separator: " "))")
    }

    private var apparmor: Finding? {
        guard let profiles = text("kernel/security/apparmor/profiles", limit: 1_048_576) else { return nil }
        let names = profiles.split(separator: "\n").filter { line in
            let name = line.prefix { $0 != " " }
            return name == "sshd" || name.hasSuffix("/sshd") || name.contains("reeve-")
        }
        guard let enforced = names.first(where: { $0.hasSuffix("(enforce)") }) else { return nil }
        let name = String(enforced.prefix { $0 != " " })
        return .note(
            "apparmor",
            "AppArmor confines \(name): it must be allowed to run \(examination.settings.program) and to read "
                + "\(examination.folder.ssh)",
            command: "journalctl -k -g 'apparmor=\"DENIED\"' -n 20; aa-complain \(PlainText.shellWord(name))")
    }

    private func text(_ path: String, limit: Int) -> String? {
        guard let bytes = try? DurableFile("\(examination.system)/\(path)").read(limit: limit) else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
