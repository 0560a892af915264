import AuthorityAPI
import AuthorityClient
import Ledger

/// Holds the authority to what it has shown before, and to others.
struct Witness {
    let key: VerifierKey
    /// Verified checkpoints of the same log.
    let known: [Checkpoint]

    /// Two checkpoints of one key that are not of one log.
    struct Split: Error {
        let seen: Checkpoint
        let shown: Checkpoint
        let reason: String
    }

    /// How often and how long to wait for an authority that is behind what others saw: 20 times 250 ms.
    private static let tries = 20

    /// - Returns: The authority's checkpoint, which all that are known lead to.
    /// - Throws: ``Split``; ``ClientError``.
    func compare(through connection: AuthorityConnection) async throws -> Checkpoint {
        let shown = try await newest(connection)
        for seen in known.sorted(by: { $0.body.size < $1.body.size }) {
            guard seen.body.size <= shown.body.size else {
                throw Split(
                    seen: seen, shown: shown,
                    reason: "\(seen.body.size) events were signed before, of which the authority now denies "
                        + "\(seen.body.size - shown.body.size)")
            }
            let path = try await path(from: seen.body.size, to: shown.body.size, connection)
            let proof = ConsistencyProof(first: seen.body.size, second: shown.body.size, path: path)
            do {
                try proof.verify(firstRoot: seen.body.root, secondRoot: shown.body.root)
            } catch {
                throw Split(
                    seen: seen, shown: shown,
                    reason: "what was signed at \(seen.body.size) events is not the beginning of what is at "
                        + "\(shown.body.size)")
            }
        }
        return shown
    }

    /// The authority's checkpoint, once it is not older than what is known.
    private func newest(_ connection: AuthorityConnection) async throws -> Checkpoint {
        let wanted = known.map(\.body.size).max() ?? 0
        var shown = try await checkpoint(connection)
        for _ in 0..<Self.tries where shown.body.size < wanted {
            try await Task.sleep(for: .milliseconds(250))
            shown = try await checkpoint(connection)
        }
        return shown
    }

    private func checkpoint(_ connection: AuthorityConnection) async throws -> Checkpoint {
        let (bytes, _) = try await connection.bytes(.checkpoint)
        do {
            let checkpoint = try Checkpoint(parsing: bytes)
            try checkpoint.verify(with: key)
            return checkpoint
        } catch {
            throw ClientError.badReply("the checkpoint \(error)")
        }
    }

    private func path(
        from first: UInt64, to second: UInt64, _ connection: AuthorityConnection
    ) async throws -> [MerkleHash] {
        guard first > 0, first < second else { return [] }
        let query = [(name: "first", value: String(first)), (name: "second", value: String(second))]
        let (reply, _) = try await connection.call(.consistency, query: query, as: ConsistencyReply.self)
        return try reply.proof.map { text in
            guard let hash = MerkleHash(hex: Array(text.utf8)) else {
                throw ClientError.badReply("a proof is not one of hashes")
            }
            return hash
        }
    }
}
