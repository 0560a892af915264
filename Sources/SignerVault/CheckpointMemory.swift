import Ledger
import SSHFormats
import SignerProtocol
import Synchronization

/// The checkpoint that was signed last, durable before its signature leaves: only what grows out of it is
/// signed.
final class CheckpointMemory: Sendable {
    private let file: SealedFile
    private let state: Mutex<State>

    private struct State {
        /// The log's name, bound by the first checkpoint; empty before.
        var origin: String
        var head: CheckpointHead
    }

    /// Reads the file.
    ///
    /// - Throws: ``VaultError/missing(path:)``, ``VaultError/notOurs(path:)``.
    init(_ file: SealedFile) throws(VaultError) {
        self.file = file
        guard let bytes = try file.read() else { throw .missing(path: file.path) }
        guard let state = try? Self.decode(bytes) else { throw .notOurs(path: file.path) }
        self.state = Mutex(state)
    }

    /// Makes the file for a log of which nothing has been signed.
    static func make(_ file: SealedFile) throws(VaultError) {
        try file.write(encode(State(origin: "", head: CheckpointHead(size: 0, root: .empty))))
    }

    /// Forgets what was signed, but not of which log: its next checkpoint may begin anywhere.
    ///
    /// - Returns: What was forgotten.
    static func restart(_ file: SealedFile) throws(VaultError) -> CheckpointHead {
        guard let bytes = try file.read() else { throw .missing(path: file.path) }
        guard let state = try? decode(bytes) else { throw .notOurs(path: file.path) }
        try file.write(
            encode(State(origin: state.origin, head: CheckpointHead(size: 0, root: .empty))))
        return state.head
    }

    var head: CheckpointHead { state.withLock { $0.head } }

    /// Remembers a checkpoint that grows out of the last one; the same again is allowed.
    ///
    /// - Throws: ``SignerFault`` with ``SignerFault/Code/inconsistentCheckpoint``, or
    ///   ``SignerFault/Code/unavailable`` when it cannot be made durable: then nothing may be signed.
    func advance(to body: CheckpointBody, consistency: [MerkleHash]) throws(SignerFault) {
        let result: Result<Void, SignerFault> = state.withLock { state in
            do throws(SignerFault) {
                try Self.check(body, consistency: consistency, against: state)
                let next = State(origin: body.origin, head: CheckpointHead(size: body.size, root: body.root))
                if next.head != state.head || next.origin != state.origin { try save(next) }
                state = next
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private static func check(
        _ body: CheckpointBody, consistency: [MerkleHash], against state: State
    ) throws(SignerFault) {
        guard state.origin.isEmpty || state.origin == body.origin else {
            throw SignerFault(.inconsistentCheckpoint, "this key signs for another log")
        }
        let proof = ConsistencyProof(first: state.head.size, second: body.size, path: consistency)
        do { try proof.verify(firstRoot: state.head.root, secondRoot: body.root) } catch {
            throw SignerFault(
                .inconsistentCheckpoint,
                "size \(body.size) is not proven to grow out of the signed size \(state.head.size)")
        }
    }

    private func save(_ state: State) throws(SignerFault) {
        do { try file.write(Self.encode(state)) } catch {
            throw SignerFault(.unavailable, "the checkpoint could not be remembered")
        }
    }

    private static func encode(_ state: State) -> [UInt8] {
        var writer = WireWriter()
        writer.string(state.origin)
        writer.uint64(state.head.size)
        writer.string(state.head.root.bytes)
        return writer.bytes
    }

    private static func decode(_ bytes: [UInt8]) throws -> State {
        var reader = WireReader(bytes)
        let origin = try reader.text(limit: CheckpointBody.limit)
        let size = try reader.uint64()
        guard let root = MerkleHash(bytes: try reader.string(limit: 32)) else {
            throw WireError.unexpected("root")
        }
        try reader.end()
        return State(origin: origin, head: CheckpointHead(size: size, root: root))
    }
}
