import AuthorityAPI
import Diagnosis
import Posix
import SSHFormats

/// Whether the authority answers, and by how much the clock of this host is off.
struct ClockExamination: Sendable {
    let now: @Sendable () -> UnixTime

    func findings(asking port: (any AuthorityPort)?) async -> [Finding] {
        guard let port else { return judged(ClockFinding()) }
        let before = now().seconds
        do throws(AuthorityFault) {
            let info = try await port.authority()
            let clock = ClockFinding(before: before, there: info.now, after: now().seconds)
            return [.good("authority", "answers; its version is \(info.version)")] + judged(clock)
        } catch {
            return [unreachable(error)] + judged(ClockFinding())
        }
    }

    private func judged(_ clock: ClockFinding) -> [Finding] {
        clock.findings(
            ahead: "sshd takes certificates for ended too early",
            behind: "sshd refuses new certificates as not yet valid",
            isSynchronised: WallClock.isSynchronised)
    }

    private func unreachable(_ fault: AuthorityFault) -> Finding {
        let look = "journalctl -u reeve-agent -n 50"
        switch fault {
        case .wrongClock(let text): return ClockFinding.wrong(text)
        case .unreachable(let text):
            return .failure("authority-unreachable", "\(text); logins go on by what is held", command: look)
        case .refused(let problem): return .failure("authority-refuses", problem.title, command: look)
        }
    }
}
