package import Authority
import SSHFormats

/// What tests look at.
extension InMemoryStore {
    package var events: [Event] { contents.events }
    package var issued: [IssuedCertificate] { contents.certificates }
    package var sessions: [Session] { contents.sessions.map(\.session) }
    package var registeredKeys: [RegisteredKey] { contents.keys }
    package var claimCount: Int { contents.claims.count }
    package var reservedAttempts: [Attempt] { attempts.map(\.attempt) }

    /// Every byte that is kept, as a thief of the store would find it.
    package var everything: [[UInt8]] {
        let texts = ["\(contents)", "\(attempts)", "\(serials)", "\(kept)"].map { Array($0.utf8) }
        let bytes =
            contents.events.map { $0.encoded() } + contents.secrets.map(\.sealed)
            + contents.claims.map(\.reply.reply) + contents.links.map(\.tokenHash)
            + contents.sessions.map(\.tokenHash) + contents.certificates.map(\.certificate.blob)
        return texts + bytes
    }
}

extension InMemoryStore {
    /// Reservations that still count against their source.
    package var presentFailures: Int { attempts.count { !$0.isCleared } }
}
