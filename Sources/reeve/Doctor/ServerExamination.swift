import AuthorityAPI
import AuthorityClient
import Diagnosis
import Names
import Posix

/// Whether each server of the authority can be reached, proves itself by the pinned root, and has the same time.
struct ServerExamination {
    let state: StateFolder

    func findings() async -> [Finding] {
        guard let device = try? state.device(), let key = try? state.deviceKey() else { return [] }
        var answers: [Answer] = []
        for text in device.servers {
            answers.append(await ask(text, device, key))
        }
        let clock = answers.lazy.compactMap(\.clock).first ?? ClockFinding()
        let isAnyThere = answers.contains { $0.clock != nil }
        let isClockTold = answers.contains { $0.finding.code == "clock-wrong" }
        var findings = answers.map { $0.finding(whereOthersAre: isAnyThere) }
        findings += clock.findings(
            ahead: "new certificates seem to have ended sooner, and proofs are refused",
            behind: "new certificates seem not to count yet, and proofs are refused",
            isSynchronised: WallClock.isSynchronised
        ).filter { !isClockTold || $0.severity != .failure }
        if let root = device.rootPEM { findings.append(self.root(root)) }
        if isAnyThere, let session = try? state.session() { findings += await self.session(session) }
        return findings
    }

    private struct Answer {
        let finding: Finding
        let clock: ClockFinding?

        /// One server that is away is a failure only where no other is there.
        func finding(whereOthersAre isAnyThere: Bool) -> Finding {
            guard finding.code == "server-unreachable", isAnyThere else { return finding }
            return Finding(.warning, finding.code, finding.text, command: finding.command)
        }
    }

    private func ask(_ text: String, _ device: DeviceRecord, _ key: DPoPKey) async -> Answer {
        do {
            let trust = device.rootPEM.map { ServerTrust.root(pem: $0) } ?? .web
            let connection = try AuthorityConnection(
                servers: [try ServerAddress(text)], trust: trust, key: key)
            return try await connection.lent { connection in
                let before = WallClock.now()
                let info = try await connection.call(.authority, as: AuthorityInfo.self).0
                let clock = ClockFinding(before: before, there: info.now, after: WallClock.now())
                return Answer(
                    finding: .good("server", "\(text) answers; its version is \(info.version)"), clock: clock)
            }
        } catch let error as ClientError {
            return Answer(finding: Self.finding(error, text), clock: nil)
        } catch {
            return Answer(
                finding: .failure(
                    "server-unreachable", "\(text): \(Fault(error).happened)", command: "reeve enrol"),
                clock: nil)
        }
    }

    private static func finding(_ error: ClientError, _ server: String) -> Finding {
        let look = "curl --insecure --max-time 10 \(PlainText.shellWord(server + "/livez"))"
        switch error {
        case .wrongClock(let text): return ClockFinding.wrong(text)
        case .untrusted(let text):
            return .failure(
                "tls-root",
                "\(server) is not proven by the root that this device pinned: \(text). If an admin has "
                    + "changed that root, enrol again with a new link; else somebody stands between",
                command: "reeve enrol")
        case .unreachable(let text), .badReply(let text), .badRequest(let text):
            return .failure("server-unreachable", "\(server): \(text)", command: look)
        case .refused(let problem):
            return .failure("server-refuses", "\(server): \(problem.title)", command: look)
        }
    }

    private func root(_ pem: String) -> Finding {
        guard let end = ServerTrust.end(ofRoot: pem) else {
            return .failure("tls-root", "the pinned root cannot be read", command: "reeve enrol")
        }
        let now = Int64(clamping: WallClock.now())
        guard end > now else {
            return .failure("tls-root", "the pinned root has ended", command: "reeve enrol")
        }
        let days = (end - now) / 86_400
        guard days >= 30 else {
            return .warning("tls-root-ends", "the pinned root ends in \(days) days", command: "reeve enrol")
        }
        return .good("tls-root", "pinned; it counts for \(days) more days")
    }

    /// Whether the authority still takes the session.
    private func session(_ session: SessionRecord) async -> [Finding] {
        do {
            let who = try await state.signedIn { try await $0.call(.session, as: WhoAmI.self).0 }
            return [.good("session-accepted", "the authority knows \(who.identity)")]
        } catch {
            let fault = Fault(error)
            guard fault.status != .unreachable else { return [] }
            return [.warning("session-refused", fault.happened, command: "reeve login")]
        }
    }
}
