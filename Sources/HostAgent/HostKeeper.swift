import AuthorityAPI
import HostDocuments
package import Logging
import Posix
package import SSHFormats

/// Keeps one host right: one round brings state, certificates and drop-in up to date.
///
/// Rounds follow each other; two processes exclude each other by a lock file. Each step stands alone: what fails becomes a
/// ``Fault``, the others still happen.
package struct HostKeeper: Sendable {
    let settings: AgentSettings
    let record: EnrolmentRecord
    let port: any AuthorityPort
    let log: Logger
    private let patience: Duration
    private let now: @Sendable () -> UnixTime
    private var folder: AgentFolder { settings.folder }

    /// - Parameters:
    ///   - log: Where faults and changes go; nowhere unless said.
    ///   - patience: How long a round waits for another process that is at work on this host.
    package init(
        settings: AgentSettings, record: EnrolmentRecord, port: any AuthorityPort,
        log: Logger = Logger(label: "reeve-agent") { _ in SwiftLogNoOpLogHandler() },
        patience: Duration = .seconds(10), now: @escaping @Sendable () -> UnixTime
    ) {
        self.settings = settings
        self.record = record
        self.port = port
        self.log = log
        self.patience = patience
        self.now = now
    }

    /// One round.
    ///
    /// - Returns: What is wrong after it; the same stands in the status file and in the log.
    package func sync() async -> [Fault] {
        let lock: FileLock
        do throws(Fault) { lock = try await locked() } catch { return report([error]) }
        defer { withExtendedLifetime(lock) {} }
        let (found, authorities, order) = await state()
        var faults = found
        faults += endSessions(order)
        let contact = !faults.contains { ["unreachable", "clock-wrong"].contains($0.code) }
        faults += await certificates(of: authorities)
        if contact { faults += await servers() }
        let unread = dropIn() + reload()
        faults += unread
        faults += stale().filter { !faults.contains($0) }
        if contact { faults += await acknowledge(isEnforced: unread.isEmpty, faults) }
        save(faults, contact: contact)
        return report(faults)
    }

    /// Answers `pam_reeve.so` until the process ends. What goes wrong is logged: sudo is refused then, all else goes on.
    package func answerModules() {
        do throws(Fault) {
            let state = StateInForce(try installer(), folder)
            let sessions = LoginSessions(Self.sessionsFolder(settings))
            let service = ModuleService(
                sessions: sessions, grace: settings.sudoGrace, log: log, now: now, state: { state.state() })
            try ModuleListener(settings.pamSocket, service: service, log: log).start()
        } catch {
            log.error("\(error.text)", metadata: ["code": "\(error.code)"])
        }
    }

    /// Beside the socket.
    static func sessionsFolder(_ settings: AgentSettings) -> String {
        let slash = settings.pamSocket.utf8.lastIndex(of: UInt8(ascii: "/")) ?? settings.pamSocket.startIndex
        return String(settings.pamSocket[..<slash]) + "/sessions"
    }

    /// Waits a little for the process that is at work here.
    private func locked() async throws(Fault) -> FileLock {
        let end = ContinuousClock.now + patience
        while true {
            do { return try FileLock(folder.lock) } catch {
                guard ContinuousClock.now < end, !Task.isCancelled else {
                    throw Fault("busy", "another reeve-agent is at work here: \(error)")
                }
                try? await Task.sleep(for: .milliseconds(50), clock: .continuous)
            }
        }
    }

    /// - Returns: Also the host CA keys that count, where the authority says so, and what it wants live sessions ended of.
    private func state() async -> (faults: [Fault], authorities: [PublicKey]?, order: String?) {
        var authorities: [PublicKey]?
        var order: String?
        let faults = await attempt { () async throws(Fault) in
            let reply = try await ask { () async throws(AuthorityFault) in try await port.hostState() }
            let told = (reply.hostCAKeys ?? []).compactMap { try? PublicKey(text: $0) }
            authorities = told.isEmpty ? nil : told
            order = reply.sessions
            let change = try installer().install(reply, at: now())
            guard change == .replaced, let held = try installer().held() else { return }
            log.notice(
                "state installed",
                metadata: ["version": "\(held.version)", "krl-entries": "\(held.krl.entries)"])
        }
        return (faults, authorities, order)
    }

    private func certificates(of authorities: [PublicKey]?) async -> [Fault] {
        await attempt { () async throws(Fault) in
            let keys = try HostKeys.find(SSHD(settings)).usable
            let store = HostCertificates(folder: folder, host: record.host)
            let epoch = try installer().held()?.state.epoch ?? 1
            let due = keys.filter { store.isDue($0, at: now(), epoch: epoch, authorities: authorities) }
            guard !due.isEmpty else { return }
            let request = HostCertificatesRequest(publicKeys: due.map { $0.publicKey.text() })
            let reply = try await ask { () async throws(AuthorityFault) in
                try await port.hostCertificates(request)
            }
            let signers = try await hostCAKeys(for: reply)
            _ = try store.install(reply.certificates, for: due, signedBy: signers, at: now())
            log.notice("host certificates installed", metadata: ["count": "\(due.count)"])
        }
    }

    /// The keys pinned at enrolment; if the certificates are signed by another, what the pinned server names today.
    private func hostCAKeys(for reply: HostCertificatesReply) async throws(Fault) -> [PublicKey] {
        let pinned = record.hostCAKeys.compactMap { try? PublicKey(text: $0) }
        let signers = reply.certificates.compactMap { try? Certificate(text: $0).signatureKey }
        guard signers.contains(where: { !pinned.contains($0) }) else { return pinned }
        let info = try await ask { () async throws(AuthorityFault) in try await port.authority() }
        return pinned + info.hostCAKeys.compactMap { try? PublicKey(text: $0) }
    }

    /// Learns, once an hour, where the authority answers.
    private func servers() async -> [Fault] {
        let before = ToldServers.load(folder)
        guard record.learnsServers, before?.isDue(at: now()) ?? true else { return [] }
        return await attempt { () async throws(Fault) in
            let info = try await ask { () async throws(AuthorityFault) in try await port.authority() }
            let told = ToldServers(info, before: before, at: now())
            try told.save(folder)
            port.turn(to: told.addresses)
        }
    }

    private func dropIn() -> [Fault] {
        do throws(Fault) {
            guard try installer().held() != nil else { return [] }
            let store = HostCertificates(folder: folder, host: record.host)
            let files = try HostKeys.find(SSHD(settings)).usable.filter { store.held(for: $0) != nil }
                .map { folder.certificate(ofKeyFile: $0.file) }
            let dropIn = DropIn(settings: settings, certificates: files)
            if try DropInInstaller(settings).install(dropIn) == .replaced {
                log.notice("drop-in installed", metadata: ["path": "\(settings.dropIn)"])
            }
            return DropInInstaller(settings).exceptions(to: dropIn)
        } catch {
            return [error]
        }
    }

    private func reload() -> [Fault] {
        do throws(Fault) {
            try SSHD(settings).reloadIfDue()
            return []
        } catch {
            return [error]
        }
    }

    /// Withheld news show: the state in force says until when it may be believed to be the newest.
    private func stale() -> [Fault] {
        do throws(Fault) {
            guard let held = try installer().held() else {
                return [Fault("no-state", "no state is in force yet")]
            }
            guard now().seconds >= held.state.notAfter else { return [] }
            return [
                Fault(
                    "state-stale",
                    "ALARM: no news since \(held.state.issuedAt); the state in force ended at \(held.state.notAfter)"
                )
            ]
        } catch {
            return [error]
        }
    }

    func installer() throws(Fault) -> StateInstaller {
        StateInstaller(settings: settings, host: record.host, key: try record.stateKey())
    }

    func ask<Reply>(
        _ question: () async throws(AuthorityFault) -> Reply
    ) async throws(Fault) -> Reply {
        do { return try await question() } catch { throw error.fault }
    }

    func attempt(_ step: () async throws(Fault) -> Void) async -> [Fault] {
        do throws(Fault) {
            try await step()
            return []
        } catch {
            return [error]
        }
    }

    private func save(_ faults: [Fault], contact: Bool) {
        let before = LastRound.load(folder)
        let round = LastRound(
            at: now().seconds, lastContact: contact ? now().seconds : before?.lastContact, faults: faults)
        do { try round.save(folder) } catch { log.error("\(error)") }
    }

    private func report(_ faults: [Fault]) -> [Fault] {
        for fault in faults {
            let level: Logger.Level = fault.code == "state-stale" ? .critical : .error
            log.log(level: level, "\(fault.text)", metadata: ["code": "\(fault.code)"])
        }
        return faults
    }
}
