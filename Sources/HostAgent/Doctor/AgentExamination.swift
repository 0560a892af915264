import Diagnosis
import Glibc
import Posix
import SSHFormats

/// Whether the agent is at work, and what it last said.
struct AgentExamination: Sendable {
    /// Seconds after which a round should have reached the authority: they come every five minutes.
    private static let silence: UInt64 = 900

    let examination: HostExamination

    init(_ examination: HostExamination) { self.examination = examination }

    var findings: [Finding] { [running] + lastRound + [openSSH, runningSSHD].compactMap(\.self) }

    private var start: String { "systemctl enable --now reeve-agent" }

    /// The agent at work holds a lock; only whoever could take it knows that nobody does.
    private var running: Finding {
        guard FileTree.exists(examination.folder.post) else {
            return .failure("agent-not-running", "no agent has run here yet", command: start)
        }
        do throws(PosixError) {
            let lock = try FileLock(examination.folder.post)
            withExtendedLifetime(lock) {}
            return .failure(
                "agent-not-running", "no agent is at work: revocations do not arrive", command: start)
        } catch {
            guard error.code == EWOULDBLOCK else {
                return .failure(
                    "folder-unusable", "\(error)", command: "run it as root: sudo reeve-agent doctor")
            }
            return .good("agent", "is at work")
        }
    }

    private var lastRound: [Finding] {
        guard let round = LastRound.load(examination.folder) else {
            return [.failure("no-round", "no round of the agent came to its end yet", command: start)]
        }
        let now = examination.now().seconds
        let faults = round.faults.map { fault in
            Finding.failure(
                fault.code, "the last round said: \(fault.text)", command: examination.remedies.sync)
        }
        guard let contact = round.lastContact else {
            return faults + [
                .failure(
                    "never-connected", "the authority was never reached", command: examination.remedies.sync)
            ]
        }
        let age = now - min(now, contact)
        guard age <= Self.silence else {
            return faults + [
                .failure(
                    "out-of-touch", "the authority was last reached \(StateExamination.words(age)) ago",
                    command: "journalctl -u reeve-agent -n 50; systemctl restart reeve-agent")
            ]
        }
        return faults + [.good("connected", "the authority was reached \(StateExamination.words(age)) ago")]
    }

    /// Include came with OpenSSH 8.2, and this is tried with 9.2.
    private var openSSH: Finding? {
        guard let text = SSHD(examination.settings).version() else {
            return .note("sshd-version", "\(examination.settings.sshd) does not say which OpenSSH it is")
        }
        let parts = text.split(separator: ".").compactMap { Int($0) }
        let (major, minor) = (parts.first ?? 0, parts.dropFirst().first ?? 0)
        guard (major, minor) >= (8, 2) else {
            return .failure(
                "sshd-too-old", "OpenSSH \(text) knows no Include; 8.2 is the first that can be used",
                command: "apt-get install --only-upgrade openssh-server")
        }
        guard (major, minor) >= (9, 2) else {
            return .note("sshd-version", "OpenSSH \(text) is older than 9.2, which this was tried with")
        }
        return .good("sshd-version", "OpenSSH \(text)")
    }

    /// After an upgrade the old program runs on until it is started anew.
    private var runningSSHD: Finding? {
        guard let pid = try? SSHD(examination.settings).runningProcess() else {
            return .note("sshd-not-running", "no sshd has its number in sshd's PidFile")
        }
        guard let program = FileTree.target(of: "/proc/\(pid)/exe") else { return nil }
        guard !program.hasSuffix(" (deleted)") else {
            return .warning(
                "sshd-replaced", "the sshd that runs is older than the one that is installed",
                command: "systemctl restart ssh")
        }
        return .good("sshd", "process \(pid) runs \(program)")
    }
}
