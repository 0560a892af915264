/// Checks an export line by line, in constant memory: every leaf against its hash, the hashes against the
/// signed checkpoints, and that nothing is missing, doubled, moved or cut off.
public struct LedgerVerifier: Sendable {
    /// What a good export proves.
    public struct Verified: Hashable, Sendable {
        public let key: VerifierKey
        public let size: UInt64
        public let root: MerkleHash
        /// How many events, the first ones, stand there as hashes alone: proven to be of the log, but not to be read.
        public let pruned: UInt64
    }

    /// The key that signed the checkpoints: the trusted one, or the one that the export itself names.
    public private(set) var key: VerifierKey?

    private let trusted: VerifierKey?
    private var remembered: [CheckpointBody]
    private var tree = MerkleTree()
    private var proven: UInt64 = 0
    private var pruned: UInt64 = 0
    private var state = State.header
    private var partial: [UInt8] = []

    private enum State: Hashable {
        /// Nothing read yet.
        case header
        /// Events since the last checkpoint: the end may not come now.
        case events
        /// The last checkpoint covers all events so far.
        case covered
        /// The end line has come.
        case ended
        case failed(LedgerFault)
    }

    /// - Parameters:
    ///   - trusted: Key of the log, from elsewhere. Without it the export proves only that it fits together.
    ///   - remembered: Checkpoints seen before; the export must grow out of each.
    public init(trusted: VerifierKey? = nil, remembered: [CheckpointBody] = []) {
        self.trusted = trusted
        self.remembered = remembered.sorted { $0.size > $1.size }
    }

    /// Takes any part of the file; lines may be split between calls.
    ///
    /// - Throws: The first fault found; the same again on every later call.
    public mutating func feed(bytes: some Sequence<UInt8>) throws(LedgerFault) {
        var rest = Array(bytes)[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            if partial.isEmpty {
                try feed(line: rest[..<end])
            } else {
                partial += rest[..<end]
                try feed(line: partial[...])
                partial = []
            }
            rest = rest[(end + 1)...]
        }
        partial += rest
        guard partial.count <= LedgerExport.lineLimit else { throw fail(.malformedLine) }
    }

    /// Takes the next line, without its LF.
    ///
    /// - Throws: The first fault found; the same again on every later call.
    public mutating func feed(line: ArraySlice<UInt8>) throws(LedgerFault) {
        if case .failed(let fault) = state { throw fault }
        do { try read(line) } catch { throw fail(error) }
    }

    /// Says that the file is over.
    ///
    /// - Throws: ``LedgerFault`` with ``LedgerFault/Reason/truncated`` when the end line did not come, or an
    ///   earlier fault.
    public mutating func finish() throws(LedgerFault) -> Verified {
        if case .failed(let fault) = state { throw fault }
        guard case .ended = state, partial.isEmpty, let key else { throw fail(.truncated) }
        guard remembered.isEmpty else { throw fail(.shorterThanRemembered) }
        return Verified(key: key, size: tree.size, root: tree.root, pruned: pruned)
    }

    private mutating func read(_ line: ArraySlice<UInt8>) throws(LedgerFault.Reason) {
        guard state != .ended, line.count <= LedgerExport.lineLimit else { throw .malformedLine }
        let fields = line.split(
            separator: UInt8(ascii: "\t"), maxSplits: 4, omittingEmptySubsequences: false)
        guard let word = fields.first, (state == .header) == word.elementsEqual(LedgerExport.headerWord.utf8)
        else { throw state == .header ? .header : .malformedLine }
        switch String(decoding: word, as: UTF8.self) {
        case LedgerExport.headerWord: try readHeader(fields)
        case LedgerExport.eventWord: try readEvent(fields)
        case LedgerExport.prunedWord: try readPruned(fields)
        case LedgerExport.checkpointWord: try readCheckpoint(fields)
        case LedgerExport.endWord: try readEnd(fields)
        default: throw .malformedLine
        }
    }

    private mutating func readHeader(_ fields: [ArraySlice<UInt8>]) throws(LedgerFault.Reason) {
        guard fields.count == 4, Decimal.read(fields[1]) == UInt64(LedgerExport.version),
            let text = String(validating: fields[3], as: UTF8.self),
            let stated = try? VerifierKey(parsing: text), fields[2].elementsEqual(stated.name.utf8)
        else { throw .header }
        guard trusted == nil || trusted == stated else { throw .wrongKey }
        key = stated
        state = .events
        try compareRemembered()
    }

    private mutating func readEvent(_ fields: [ArraySlice<UInt8>]) throws(LedgerFault.Reason) {
        guard fields.count == 4, let index = Decimal.read(fields[1]),
            let stated = MerkleHash(hex: fields[2]),
            let bytes = Base64.decode(fields[3]), bytes.count <= LedgerExport.leafLimit
        else { throw .malformedLine }
        guard index == tree.size else { throw .index(wanted: tree.size, found: index) }
        guard MerkleHash.leaf(bytes) == stated else { throw .leafHash }
        tree.append(stated)
        state = .events
        try compareRemembered()
    }

    private mutating func readPruned(_ fields: [ArraySlice<UInt8>]) throws(LedgerFault.Reason) {
        guard fields.count == 3, let index = Decimal.read(fields[1]),
            let stated = MerkleHash(hex: fields[2])
        else { throw .malformedLine }
        guard index == tree.size else { throw .index(wanted: tree.size, found: index) }
        guard pruned == tree.size else { throw .prunedBehindWhole }
        tree.append(stated)
        pruned = tree.size
        state = .events
        try compareRemembered()
    }

    private mutating func readCheckpoint(_ fields: [ArraySlice<UInt8>]) throws(LedgerFault.Reason) {
        guard fields.count == 2, let key, let note = Base64.decode(fields[1]),
            let checkpoint = try? Checkpoint(parsing: note)
        else { throw .malformedLine }
        do { try checkpoint.verify(with: key) } catch { throw .checkpointSignature(error) }
        guard checkpoint.body.size == tree.size else {
            throw .checkpointSize(wanted: tree.size, found: checkpoint.body.size)
        }
        guard checkpoint.body.root == tree.root else { throw .checkpointRoot }
        proven = tree.size
        state = .covered
    }

    private mutating func readEnd(_ fields: [ArraySlice<UInt8>]) throws(LedgerFault.Reason) {
        guard fields.count == 2, let count = Decimal.read(fields[1]) else { throw .malformedLine }
        guard state == .covered else { throw .truncated }
        guard count == tree.size else { throw .truncated }
        state = .ended
    }

    /// Compares the tree with every checkpoint of its size that was seen before.
    private mutating func compareRemembered() throws(LedgerFault.Reason) {
        while let next = remembered.last, next.size == tree.size {
            guard next.root == tree.root else { throw .checkpointRoot }
            remembered.removeLast()
        }
    }

    private mutating func fail(_ reason: LedgerFault.Reason) -> LedgerFault {
        let first = firstBadIndex(reason)
        let fault = LedgerFault(firstBadIndex: first, reason: reason)
        state = .failed(fault)
        return fault
    }

    /// A failing checkpoint proves only that the damage lies after the last good one.
    private func firstBadIndex(_ reason: LedgerFault.Reason) -> UInt64 {
        switch reason {
        case .checkpointRoot, .checkpointSignature: proven
        case .checkpointSize(let wanted, let found): min(wanted, found)
        case .header, .wrongKey, .malformedLine, .index, .prunedBehindWhole, .leafHash, .truncated,
            .shorterThanRemembered:
            tree.size
        }
    }
}
