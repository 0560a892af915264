package import Logging
package import SSHFormats

/// Answers `pam_reeve.so`.
package struct ModuleService: Sendable {
    private let sessions: LoginSessions
    private let state: @Sendable () -> VerifiedState?
    private let grace: UInt64
    private let log: Logger
    private let now: @Sendable () -> UnixTime

    /// - Parameter grace: Seconds without news of the authority after which nobody may act.
    package init(
        sessions: LoginSessions, grace: UInt64,
        log: Logger = Logger(label: "reeve-agent") { _ in SwiftLogNoOpLogHandler() },
        now: @escaping @Sendable () -> UnixTime, state: @escaping @Sendable () -> VerifiedState?
    ) {
        self.sessions = sessions
        self.grace = grace
        self.log = log
        self.now = now
        self.state = state
    }

    /// - Parameter frame: Without its length.
    package func answer(_ frame: [UInt8]) -> ModuleReply {
        let request: ModuleRequest
        do { request = try ModuleRequest(frame) } catch { return .no(SudoRefusal.unreadable.sentence) }
        switch request {
        case .opened(let opening): return opened(opening)
        case .closed(_, let origin):
            sessions.close(origin, at: now())
            return .yes
        case .mayAct(_, let service, let login, let origin):
            do throws(SudoRefusal) {
                try mayAct(login, origin)
                return .yes
            } catch {
                log.notice(
                    "refused", metadata: ["service": "\(service)", "login": "\(login)", "why": "\(error)"])
                return .no(error.sentence)
            }
        }
    }

    /// A login without a certificate is nobody's business here: it is not bound to one, and that is no fault.
    private func opened(_ opening: ModuleRequest.Opening) -> ModuleReply {
        do throws(Fault) {
            guard let certificate = try AuthInfo(opening.authInfo).certificate else { return .yes }
            try sessions.open(
                login: opening.login, certificate: certificate, connection: opening.connection,
                opening.origin, at: now())
            return .yes
        } catch {
            log.warning("a login could not be bound to its certificate", metadata: ["reason": "\(error)"])
            return .no(error.text)
        }
    }

    private func mayAct(_ login: String, _ origin: ProcessOrigin) throws(SudoRefusal) {
        guard let session = sessions.session(of: origin) else { throw .noSession }
        guard session.login == login else { throw .otherLogin(session.login) }
        guard let state = state() else { throw .noState }
        let rule = SudoRule(state: state, login: login, grace: grace, now: now())
        do throws(SudoRefusal) { try rule.check(session.certificate) } catch {
            guard case .expired = error, isRenewed(session, by: rule) else { throw error }
        }
    }

    /// Whether whoever opened the session has entered the same account again since, by a certificate that counts now.
    private func isRenewed(_ session: LoginSession, by rule: SudoRule) -> Bool {
        !session.identity.isEmpty
            && sessions.all.contains { other in
                guard other.login == session.login, other.identity == session.identity else { return false }
                return (try? rule.check(other.certificate)) != nil
            }
    }
}
