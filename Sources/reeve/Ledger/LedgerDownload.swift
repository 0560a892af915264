import AuthorityAPI
import AuthorityClient
import Ledger
import Posix

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Pages of events from the authority.
struct LedgerPages {
    private let connection: AuthorityConnection

    init(_ connection: AuthorityConnection) { self.connection = connection }

    func page(from index: UInt64, limit: UInt64) async throws -> EventsReply {
        let query = [(name: "from", value: String(index)), (name: "limit", value: String(limit))]
        return try await connection.call(.events, query: query, as: EventsReply.self).0
    }

    func checkpoint() async throws -> Checkpoint {
        let (bytes, _) = try await connection.bytes(.checkpoint)
        do { return try Checkpoint(parsing: bytes) } catch {
            throw ClientError.badReply("the checkpoint \(error)")
        }
    }

    /// The exact bytes of the leaf.
    static func bytes(of event: EventsReply.Event) throws -> [UInt8] {
        guard let data = Data(base64Encoded: event.event) else {
            throw ClientError.badReply("event \(event.index) is not Base64")
        }
        return Array(data)
    }
}

/// Writes the ledger to a file, every event up to a checkpoint that covers all there was when it began.
struct LedgerDownload {
    let key: VerifierKey
    let state: StateFolder
    let pages: LedgerPages

    /// How often and how long to wait for the next checkpoint: 40 times 250 ms.
    private static let tries = 40

    func write(to path: String) async throws -> LedgerVerifier.Verified {
        let checkpoint = try await coveringCheckpoint()
        var verifier = LedgerVerifier(trusted: key, remembered: try remembered())
        try DurableFile(path).refuseSpecial()
        var output = try OutputFile(path)
        try put(LedgerExport.header(key), &verifier, output)
        let progress = Progress("events")
        var next: UInt64 = 0
        while next < checkpoint.body.size {
            let page = try await pages.page(from: next, limit: min(1_000, checkpoint.body.size - next))
            guard !page.events.isEmpty else {
                throw ClientError.badReply("the ledger ends before its checkpoint")
            }
            for event in page.events where event.index < checkpoint.body.size {
                let bytes = try LedgerPages.bytes(of: event)
                try put(try Self.line(event, bytes), &verifier, output)
                next = event.index + 1
            }
            progress.report(next, of: checkpoint.body.size)
        }
        try put(LedgerExport.checkpoint(checkpoint), &verifier, output)
        try put(LedgerExport.end(count: checkpoint.body.size), &verifier, output)
        progress.clear()
        let verified = try good { () throws(LedgerFault) in try verifier.finish() }
        try output.finish()
        try SeenCheckpoint(state: state, key: key).keep(checkpoint)
        return verified
    }

    private static func line(_ event: EventsReply.Event, _ bytes: [UInt8]) throws -> String {
        guard bytes.isEmpty else {
            return LedgerExport.event(index: event.index, leafHash: MerkleHash.leaf(bytes), bytes: bytes)
        }
        guard let hash = MerkleHash(hex: Array(event.leafHash.utf8)) else {
            throw ClientError.badReply("event \(event.index) has no hash")
        }
        return LedgerExport.pruned(index: event.index, leafHash: hash)
    }

    /// Waits until what is there now is signed.
    private func coveringCheckpoint() async throws -> Checkpoint {
        let size = try await pages.page(from: 0, limit: 1).treeSize
        for _ in 0..<Self.tries {
            let checkpoint = try await pages.checkpoint()
            if checkpoint.body.size >= size { return checkpoint }
            try await Task.sleep(for: .milliseconds(250))
        }
        throw Fault(
            .unreachable, "no checkpoint covers all \(size) events after 10 s",
            next: "Look at /readyz of the server.")
    }

    private func remembered() throws -> [CheckpointBody] {
        try SeenCheckpoint(state: state, key: key).newest().map { [$0.body] } ?? []
    }

    private func put(
        _ line: String, _ verifier: inout LedgerVerifier, _ output: borrowing OutputFile
    ) throws {
        try good { () throws(LedgerFault) in try verifier.feed(bytes: line.utf8) }
        try output.write(line)
    }

    private func good<Value>(_ check: () throws(LedgerFault) -> Value) throws -> Value {
        do { return try check() } catch {
            throw Fault(
                .refused, "what the authority sends does not verify: \(error)",
                next: "Tell an auditor: the ledger is damaged, or two are shown. Nothing was written.")
        }
    }
}
