import SSHFormats
import Synchronization

/// The CA keys as this node knows them, and its signer made to follow them.
///
/// The store decides which key signs. A node that has not heard of it drafts by a former key; its commit is refused, and it
/// looks again (``Conflict/caKeyMoved``).
final class CAKeyBook: Sendable {
    private let store: any CAKeys
    private let signer: any CAKeyring
    private let held = Mutex<(sets: CAKeySets, fingerprints: Set<Fingerprint>)?>(nil)
    /// What the signer was last brought to.
    private let followed = Mutex<[CAKey]?>(nil)

    init(_ store: any CAKeys, _ signer: any CAKeyring) {
        self.store = store
        self.signer = signer
    }

    /// As they were when last read.
    var sets: CAKeySets? { held.withLock { $0?.sets } }
    /// Of all of them, whatever became of them.
    var fingerprints: Set<Fingerprint> { held.withLock { $0?.fingerprints ?? [] } }

    /// As they are at that version of the host state, or later.
    func sets(atLeast version: UInt64) async throws(AuthorityError) -> CAKeySets {
        if let sets, sets.version >= version { return sets }
        return try await read()
    }

    /// As they are now. The signer is brought to the same first, so that nobody drafts what it would refuse.
    @discardableResult
    func read() async throws(AuthorityError) -> CAKeySets {
        let sets: CAKeySets
        do { sets = try await store.caKeySets() } catch { throw .store(error) }
        try await follow(sets.keys)
        let fingerprints = Set(sets.keys.map(\.publicKey.fingerprint))
        held.withLock { held in
            if sets.version >= held?.sets.version ?? 0 { held = (sets, fingerprints) }
        }
        return sets
    }

    /// Nothing is asked of a signer that is where it should be, so that one of an older version serves until the first rotation.
    private func follow(_ keys: [CAKey]) async throws(AuthorityError) {
        guard followed.withLock({ $0 }) != keys else { return }
        do throws(SignerError) {
            try await bring(signer: try await signer.caKeys(), to: keys)
        } catch {
            // It signs nothing until it is unlocked, and is brought to this by the next look.
            guard error != .sealed else { return }
            throw .signer(error)
        }
        followed.withLock { $0 = keys }
    }

    /// In the order in which the keys came, each by the way that it came: the former one signs before the next does.
    private func bring(signer held: [HeldCAKey], to keys: [CAKey]) async throws(SignerError) {
        for key in keys {
            let found = held.first { $0.publicKey == key.publicKey }?.state
            switch (key.state, found) {
            case (.prepared, nil): try await signer.adoptKey(key.authority, sealed: key.sealed)
            case (.signing, nil), (.retiring, nil):
                try await signer.adoptKey(key.authority, sealed: key.sealed)
                try await signer.promoteKey(key.authority, key.publicKey)
            case (.signing, .prepared): try await signer.promoteKey(key.authority, key.publicKey)
            case (.retired, .prepared), (.retired, .retiring):
                try await signer.retireKey(key.authority, key.publicKey)
            case (.signing, .retiring), (.signing, .retired):
                throw .refused(
                    code: "key-state",
                    reason: "the database signs by a \(key.authority.rawValue) CA key that the signer has "
                        + "given up: it is not the newest")
            case (.prepared, _), (.signing, .signing), (.retiring, _), (.retired, nil), (.retired, .retired),
                (.retired, .signing):
                continue
            }
        }
        // One that signed is retired after its successor signs, which may come after it.
        for key in keys where key.state == .retired {
            guard held.first(where: { $0.publicKey == key.publicKey })?.state == .signing else { continue }
            try await signer.retireKey(key.authority, key.publicKey)
        }
    }
}
