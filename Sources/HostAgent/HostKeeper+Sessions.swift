import AuthorityAPI
import HostDocuments
import Logging
import SSHFormats

extension HostKeeper {
    /// Ends live sessions that came by what the authority wants ended, as far as the list in force has it too: that one is
    /// signed, so whoever could make up an order ends nobody's session whose certificate or key counts.
    ///
    /// - Parameter order: Base64 of a KRL.
    func endSessions(_ order: String?) -> [Fault] {
        guard let order, !order.isEmpty else { return [] }
        do throws(Fault) {
            guard let held = try installer().held() else { return [] }
            let ended = try SessionEnder(settings).end(
                try Self.list(order), revoked: held.krl, by: Set(held.state.userCAKeys.map(\.fingerprint)))
            guard !ended.isEmpty else { return [] }
            for session in ended {
                log.notice(
                    "session ended: what it came by is revoked",
                    metadata: [
                        "login": "\(session.login)", "source": "\(session.source)",
                        "serial": "\(session.serial.map(String.init) ?? "none")", "key": "\(session.key)",
                    ])
            }
            try EndedSessions.load(settings.folder).adding(ended).save(settings.folder)
            return []
        } catch {
            return [error]
        }
    }

    private static func list(_ order: String) throws(Fault) -> KRL {
        do throws(StateFault) {
            let bytes = try StateVerifier.bytes(order, limit: KRL.limit, "sessions")
            do { return try KRL(bytes: bytes) } catch { throw .badKRL(error) }
        } catch {
            throw error.fault
        }
    }
}
