import Ledger
import Testing

/// An export of 20 events with checkpoints at 8, 15 and 20, as lines that a test may spoil.
private struct SampleExport {
    let signer: SampleSigner
    let log = SampleLog(size: 20)
    var lines: [String]

    init() throws {
        signer = try SampleSigner()
        lines = [LedgerExport.header(signer.key)]
        for (index, leaf) in log.leaves.enumerated() {
            lines.append(LedgerExport.event(index: UInt64(index), leafHash: .leaf(leaf), bytes: leaf))
            guard [8, 15, 20].contains(index + 1) else { continue }
            lines.append(LedgerExport.checkpoint(try signer.checkpoint(log, size: index + 1)))
        }
        lines.append(LedgerExport.end(count: 20))
    }

    /// Number of the line of an event.
    func line(_ index: Int) -> Int { 1 + index + (index >= 8 ? 1 : 0) + (index >= 15 ? 1 : 0) }

    func event(_ index: Int, hash: MerkleHash? = nil, bytes: String) -> String {
        let bytes = Array(bytes.utf8)
        return LedgerExport.event(index: UInt64(index), leafHash: hash ?? .leaf(bytes), bytes: bytes)
    }

    func verify(
        trusted: VerifierKey? = nil, remembered: [CheckpointBody] = []
    ) throws(LedgerFault) -> LedgerVerifier.Verified {
        var verifier = LedgerVerifier(trusted: trusted, remembered: remembered)
        for piece in pieces { try verifier.feed(bytes: piece) }
        return try verifier.finish()
    }

    /// The file in parts that do not end where lines end.
    private var pieces: [[UInt8]] {
        let bytes = Array(lines.joined().utf8)
        return stride(from: 0, to: bytes.count, by: 100).map { Array(bytes[$0..<min($0 + 100, bytes.count)]) }
    }

    func expect(_ index: UInt64, _ reason: LedgerFault.Reason) {
        #expect(throws: LedgerFault(firstBadIndex: index, reason: reason)) { try verify() }
    }
}

@Suite struct `An exported ledger` {
    private var export: SampleExport

    init() throws { export = try SampleExport() }

    @Test func `that is whole verifies, L03`() throws {
        let verified = try export.verify(trusted: export.signer.key)
        #expect(verified.size == 20)
        #expect(verified.root == export.log.root(20))
    }

    @Test mutating func `L08 whose first events are pruned verifies, and says how many`() throws {
        for index in 0..<10 {
            export.lines[export.line(index)] = LedgerExport.pruned(
                index: UInt64(index), leafHash: export.log.hashes[index])
        }
        let verified = try export.verify(trusted: export.signer.key)
        #expect(verified.pruned == 10)
        #expect(verified.root == export.log.root(20))
        export.lines[export.line(4)] = LedgerExport.pruned(index: 4, leafHash: .empty)
        export.expect(0, .checkpointRoot)
    }

    @Test mutating func `L08 cannot leave out one event between whole ones as pruned`() throws {
        export.lines[export.line(3)] = LedgerExport.pruned(index: 3, leafHash: export.log.hashes[3])
        export.expect(3, .prunedBehindWhole)
    }

    @Test(arguments: [0, 7, 8, 13, 19])
    mutating func `with a damaged event names it, L03`(_ index: Int) throws {
        export.lines[export.line(index)] = export.event(index, hash: export.log.hashes[index], bytes: "other")
        export.expect(UInt64(index), .leafHash)
    }

    @Test(arguments: [0, 8, 19])
    mutating func `with a damaged leaf hash names it, L03`(_ index: Int) throws {
        export.lines[export.line(index)] = export.event(index, hash: .empty, bytes: "leaf \(index)")
        export.expect(UInt64(index), .leafHash)
    }

    @Test(arguments: [(0, 0), (7, 0), (8, 8), (14, 8), (15, 15), (19, 15)])
    mutating func `with event and hash altered names the span between checkpoints, L03`(
        _ index: Int, _ first: UInt64
    ) throws {
        export.lines[export.line(index)] = export.event(index, bytes: "other")
        export.expect(first, .checkpointRoot)
    }

    @Test mutating func `with a missing event names it, L03`() {
        export.lines.remove(at: export.line(10))
        export.expect(10, .index(wanted: 10, found: 11))
    }

    @Test mutating func `with a doubled event names the place, L03`() {
        export.lines.insert(export.lines[export.line(10)], at: export.line(10))
        export.expect(11, .index(wanted: 11, found: 10))
    }

    @Test mutating func `with two events exchanged names the first, L03`() {
        export.lines.swapAt(export.line(10), export.line(12))
        export.expect(10, .index(wanted: 10, found: 12))
    }

    @Test mutating func `with the last event of a span missing names it, L03`() {
        export.lines.remove(at: export.line(14))
        export.expect(14, .checkpointSize(wanted: 14, found: 15))
    }

    @Test(arguments: 0..<24)
    mutating func `cut off after any line is truncated, L03`(_ count: Int) {
        export.lines = Array(export.lines.prefix(count))
        let events = export.lines.filter { $0.hasPrefix("event") }.count
        export.expect(UInt64(events), .truncated)
    }

    @Test mutating func `cut off within a line is truncated, L03`() {
        export.lines[23].removeLast()
        export.lines.removeLast()
        export.expect(20, .truncated)
    }

    @Test mutating func `without its last checkpoint is truncated, L03`() {
        export.lines.remove(at: 23)
        export.expect(20, .truncated)
    }

    @Test func `by another key than the trusted one is refused, L03`() throws {
        let other = try SampleSigner()
        #expect(throws: LedgerFault(firstBadIndex: 0, reason: .wrongKey)) {
            try export.verify(trusted: other.key)
        }
    }

    @Test mutating func `with a checkpoint by another key names the span before it, L03`() throws {
        let other = try SampleSigner()
        let forged = try other.checkpoint(export.log, size: 15)
        export.lines[export.line(15) - 1] = LedgerExport.checkpoint(forged)
        export.expect(8, .checkpointSignature(.unsigned))
    }

    @Test mutating func `with strange lines is refused`() {
        let good = export.lines
        for strange in ["event\t0\n", "\n", "note\tx\n", "event\t00\tab\tAA==\n", good[0], "\t" + good[1]] {
            export.lines = good
            export.lines.insert(strange, at: 1)
            export.expect(0, .malformedLine)
        }
        export.lines = Array(good.dropFirst())
        export.expect(0, .header)
        export.lines = good + ["event\n"]
        export.expect(20, .malformedLine)
    }

    @Test func `is compared with checkpoints seen before`() throws {
        let seen = try export.signer.checkpoint(export.log, size: 11).body
        _ = try export.verify(remembered: [seen])
        let forked = try CheckpointBody(origin: "log.example", size: 11, root: .empty)
        #expect(throws: LedgerFault(firstBadIndex: 8, reason: .checkpointRoot)) {
            try export.verify(remembered: [forked])
        }
        let later = try CheckpointBody(origin: "log.example", size: 21, root: .empty)
        #expect(throws: LedgerFault(firstBadIndex: 20, reason: .shorterThanRemembered)) {
            try export.verify(remembered: [later])
        }
    }

    @Test mutating func `goes on failing after the first fault`() throws {
        var verifier = LedgerVerifier()
        let fault = LedgerFault(firstBadIndex: 0, reason: .header)
        #expect(throws: fault) { try verifier.feed(line: Array("x".utf8)[...]) }
        #expect(throws: fault) { try verifier.feed(line: Array(export.lines[0].utf8.dropLast())[...]) }
        #expect(throws: fault) { try verifier.finish() }
    }

    @Test func `without events is good`() throws {
        let empty = SampleLog(size: 0)
        let checkpoint = try export.signer.checkpoint(empty)
        var verifier = LedgerVerifier(trusted: export.signer.key)
        let text =
            LedgerExport.header(export.signer.key) + LedgerExport.checkpoint(checkpoint)
            + LedgerExport.end(count: 0)
        try verifier.feed(bytes: Array(text.utf8))
        #expect(try verifier.finish().root == .empty)
    }
}
