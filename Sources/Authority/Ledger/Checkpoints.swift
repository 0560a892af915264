package import Ledger

/// Signs what the ledger has come to (C2SP tlog-checkpoint). One at a time, each consistent with the last.
package actor Checkpoints {
    private let log: any EventLog
    private let signer: any Signer
    package nonisolated let verifierKey: VerifierKey
    private var newest: KeptCheckpoint?
    private var advancing: Task<Result<KeptCheckpoint, AuthorityError>, Never>?

    package init(log: any EventLog, signer: any Signer, verifierKey: VerifierKey) {
        self.log = log
        self.signer = signer
        self.verifierKey = verifierKey
    }

    /// Covers everything recorded before the call; signs only if something was.
    @discardableResult
    package func advance() async throws(AuthorityError) -> KeptCheckpoint {
        // What is under way may have begun before the call; what follows it has not.
        if let advancing { _ = await advancing.value }
        if let advancing { return try await advancing.value.get() }
        let task = Task {
            let result = await signed()
            // Here and not by whoever waits: nobody may find one that is over.
            self.advancing = nil
            return result
        }
        advancing = task
        return try await task.value.get()
    }

    private func signed() async -> Result<KeptCheckpoint, AuthorityError> {
        do throws(AuthorityError) { return .success(try await sign()) } catch { return .failure(error) }
    }

    /// Hashes the bytes of all that is new once more, before it is signed for good: what was damaged on its way into the
    /// tree would make a checkpoint that no export ever fits.
    private func recompute(from first: UInt64, to end: UInt64) async throws {
        var next = first
        while next < end {
            let leaves = try await log.leaves(from: next, limit: Int(min(1_000, end - next)))
            for leaf in leaves {
                guard leaf.index == next, MerkleHash.leaf(leaf.bytes).bytes == leaf.hash else {
                    throw AuthorityError.mismatch("the hash of event \(next) is not that of its bytes")
                }
                next += 1
            }
            guard !leaves.isEmpty else { throw AuthorityError.mismatch("event \(next) is gone") }
        }
    }

    private func sign() async throws(AuthorityError) -> KeptCheckpoint {
        do {
            let size = try await log.treeSize()
            if newest == nil { newest = try await log.checkpoints(limit: 1).first }
            if let newest, newest.size == size { return newest }
            let signed = try await signer.checkpointSize()
            let growth = try await log.growth(since: signed)
            try await recompute(from: signed, to: growth.size)
            guard let root = MerkleHash(bytes: growth.root) else {
                throw AuthorityError.mismatch("a root is 32 bytes")
            }
            let body = try CheckpointBody(origin: verifierKey.name, size: growth.size, root: root)
            let signature = try await signer.signCheckpoint(
                body: body.bytes, consistency: growth.consistency)
            let note = try Checkpoint(body, signature: signature, by: verifierKey).text
            try await log.keep(checkpoint: note, size: growth.size)
            let kept = KeptCheckpoint(size: growth.size, note: note)
            newest = kept
            return kept
        } catch let error as StoreError {
            throw .store(error)
        } catch let error as SignerError {
            throw .signer(error)
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw .mismatch("the checkpoint does not verify: \(error)")
        }
    }
}
