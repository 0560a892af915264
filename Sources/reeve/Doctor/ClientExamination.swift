import AuthorityAPI
import Diagnosis
import Glibc
import Posix

/// Looks at everything that a person's logins rest on, one after the other.
struct ClientExamination {
    /// nil takes some that were reached last.
    let host: String?
    /// nil takes the usual one.
    let sshConfig: String?

    func all() async -> [Finding] {
        let state: StateFolder
        do { state = try StateFolder() } catch {
            let fault = Fault(error)
            return [
                .failure(
                    "state-folder", fault.happened,
                    command: Self.command(in: fault.next) ?? "export REEVE_HOME=FOLDER")
            ]
        }
        let files = SSHFiles(chosen: sshConfig)
        let reach = try? state.reach()
        var findings = StateExamination(state: state).findings
        findings += await ServerExamination(state: state).findings()
        findings += SSHAgentExamination().findings
        findings += HeldExamination(state: state).findings
        findings += SSHFolderExamination(files: files).findings
        findings += SSHConfigExamination(state: state, files: files, reach: reach ?? nil, host: host).findings
        return findings
    }

    /// The command of an advice that ends with one: `Make it yours alone: chmod …`.
    private static func command(in advice: String) -> String? {
        advice.firstRange(of: ": ").map { String(advice[$0.upperBound...]) }
    }
}

/// Where ssh's own files are.
struct SSHFiles {
    let folder: String
    let config: String
    /// Whether somebody named the configuration, so that ssh has to be told as well.
    let isChosen: Bool

    init(chosen: String?) {
        isChosen = chosen != nil
        if let chosen {
            let parts = chosen.split(separator: "/").dropLast().joined(separator: "/")
            folder = (chosen.hasPrefix("/") ? "/" : "") + (parts.isEmpty ? "." : parts)
            config = chosen
        } else {
            // ssh goes by the account, not by $HOME.
            let account = unsafe getpwuid(getuid())
            let home = unsafe account.flatMap { unsafe String(validatingCString: $0.pointee.pw_dir) }
            folder = (home ?? Environment.value("HOME") ?? "") + "/.ssh"
            config = folder + "/config"
        }
    }

    /// What ssh would do for these arguments: `ssh -G`.
    func ssh(_ arguments: [String]) throws -> String {
        let chosen = isChosen ? ["-F", config] : []
        return try Program.output(of: "ssh", ["-G"] + chosen + arguments)
    }
}

/// What this device is and holds: the state folder.
struct StateExamination {
    let state: StateFolder

    var findings: [Finding] {
        let found = permissions
        return [device, session]
            + (found.isEmpty ? [.good("state-folder", "\(state.path) is yours alone")] : found)
    }

    private var device: Finding {
        do {
            let device = try state.device()
            _ = try state.deviceKey()
            return .good("device", "\(device.device ?? device.identity), of \(device.origin)")
        } catch {
            let fault = Fault(error)
            return .failure("not-enrolled", fault.happened, command: "reeve enrol")
        }
    }

    private var session: Finding {
        do {
            guard let session = try state.session() else {
                return .warning(
                    "session-none", "there is no session: certificates that end are not replaced",
                    command: "reeve login")
            }
            return .good("session", "\(session.identity), until \(Moment.text(session.notAfter))")
        } catch {
            return .failure("session-unreadable", Fault(error).happened, command: "reeve login")
        }
    }

    /// What only its owner may read.
    private var permissions: [Finding] {
        let names = [
            DeviceRecord.file, DeviceRecord.keyFile, SessionRecord.file, StateFolder.reachFile, "known_hosts",
            "revoked_hosts", StateFolder.sshConfigFile, "certificates",
        ]
        return names.compactMap { name in
            let path = "\(state.path)/\(name)"
            guard let access = try? DurableFile(path).access() else { return nil }
            let isOwn = access.uid == ProcessHardening.currentUID
            guard !isOwn || !access.isPrivate && !access.isSymbolicLink else { return nil }
            let word = PlainText.shellWord(path)
            let owner = isOwn ? "" : " and belongs to user \(access.uid)"
            return .failure(
                "permissions",
                "\(path) has mode 0\(String(access.permissions, radix: 8))\(owner); it must be yours alone",
                command: (isOwn ? "" : "sudo chown \(ProcessHardening.currentUID) \(word) && ")
                    + "chmod go-rwx \(word)")
        }
    }
}
