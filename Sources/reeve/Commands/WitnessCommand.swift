import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Ledger
import Posix

/// `reeve audit witness`: whether all see the same ledger.
struct AuditWitnessCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "witness", abstract: "Check that everybody is shown the same ledger, which only grew.",
        discussion: """
            Compares the authority's checkpoint with the newest that this device has seen and with those that colleagues saw, \
            by consistency proofs (RFC 9162). Exit status 1 if they cannot be of one ledger: both signed checkpoints are \
            printed, which prove that the authority lied to somebody. Run it from time to time, from different machines.
            """)

    @Option(
        name: .customLong("with"), parsing: .upToNextOption,
        help: ArgumentHelp("Checkpoints that others saw; - is standard input.", valueName: "file"))
    var others: [String] = []
    @Option(help: ArgumentHelp("Write the checkpoint here, for others.", valueName: "file"))
    var write: String?
    @OptionGroup var common: CommonOptions

    struct Report: Encodable {
        let good: Bool
        let size: UInt64
        let root: String
        let compared: Int
        /// Both signed notes, where they contradict each other.
        var evidence: [String]?
        var reason: String?
    }

    func perform() async throws {
        let state = try StateFolder()
        let device = try state.device()
        let key = try VerifierKey(parsing: device.checkpointKey)
        let seen = SeenCheckpoint(state: state, key: key)
        var known = try others.map { try seen.read($0) }
        if let own = try seen.newest() { known.append(own) }
        let witness = Witness(key: key, known: known)
        do {
            let present = try await state.connected(device) { try await witness.compare(through: $0) }
            try seen.keep(present)
            if let write { try DurableFile(write).write(Array(present.text.utf8), mode: 0o644) }
            show(
                Report(
                    good: true, size: present.body.size, root: "\(present.body.root)", compared: known.count),
                lines: [
                    "good: \(present.body.size) events, root \(present.body.root)",
                    "compared with \(known.count) checkpoints seen before or elsewhere",
                ])
        } catch let split as Witness.Split {
            show(
                Report(
                    good: false, size: split.shown.body.size, root: "\(split.shown.body.root)",
                    compared: known.count, evidence: [split.seen.text, split.shown.text], reason: split.reason
                ),
                text: "SPLIT: \(split.reason)\nseen:\n\(split.seen.text)\nshown now:\n\(split.shown.text)")
            throw Fault(
                .refused, "the authority shows two ledgers",
                next: "Keep this output: both are signed by it. Trust nothing that it says until then.")
        }
    }
}

/// The newest checkpoint that this device has verified.
struct SeenCheckpoint {
    static let file = "checkpoint"

    let state: StateFolder
    let key: VerifierKey

    func newest() throws -> Checkpoint? {
        guard let bytes = try state.file(Self.file).readIfPresent(limit: Checkpoint.limit) else { return nil }
        let checkpoint = try Checkpoint(parsing: bytes)
        guard checkpoint.body.origin == key.name else { return nil }
        try checkpoint.verify(with: key)
        return checkpoint
    }

    /// One that somebody else saw.
    func read(_ path: String) throws -> Checkpoint {
        do {
            let checkpoint = try Checkpoint(parsing: try InputFile.text(path))
            try checkpoint.verify(with: key)
            return checkpoint
        } catch let error as CheckpointError {
            throw Fault(
                .refused, "\(path) is not a checkpoint of this ledger: \(error)",
                next: "Ask for one that `reeve audit witness --write` made.")
        }
    }

    func keep(_ checkpoint: Checkpoint) throws {
        try state.file(Self.file).write(Array(checkpoint.text.utf8), mode: 0o600)
    }
}
