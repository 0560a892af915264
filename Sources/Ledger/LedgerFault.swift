/// Where an export is first known to be bad, and how.
public struct LedgerFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// No event below this index is known to be bad. It is the damaged event itself, or, where only a
    /// checkpoint can tell, the first event after the last checkpoint that fits.
    public let firstBadIndex: UInt64
    public let reason: Reason

    public init(firstBadIndex: UInt64, reason: Reason) {
        self.firstBadIndex = firstBadIndex
        self.reason = reason
    }

    public enum Reason: Error, Hashable, Sendable {
        /// The first line is not the header of an export.
        case header
        /// The export is signed by another key than the trusted one.
        case wrongKey
        /// A line is not of the format.
        case malformedLine
        /// An event is missing, doubled or moved.
        case index(wanted: UInt64, found: UInt64)
        /// An event is said to be pruned although one before it is whole.
        case prunedBehindWhole
        /// The bytes of an event do not have the hash beside them.
        case leafHash
        /// A checkpoint stands elsewhere than after the last event that it covers.
        case checkpointSize(wanted: UInt64, found: UInt64)
        /// The events do not have the root that was signed.
        case checkpointRoot
        /// A checkpoint is not signed by the key.
        case checkpointSignature(CheckpointError)
        /// The file ends early, or its last checkpoint does not cover all events.
        case truncated
        /// A checkpoint seen before covers more events than the export has.
        case shorterThanRemembered
    }

    public var description: String { "event \(firstBadIndex): \(sentence)" }

    private var sentence: String {
        switch reason {
        case .header: "the file does not begin with the header of a ledger export"
        case .wrongKey: "the export names another key than the one you trust"
        case .malformedLine: "the line is not of the export format"
        case .index(let wanted, let found): "event \(found) stands where \(wanted) belongs"
        case .prunedBehindWhole: "the event is said to be pruned although one before it is whole"
        case .leafHash: "the event does not have the hash beside it"
        case .checkpointSize(let wanted, let found):
            "a checkpoint of size \(found) stands after \(wanted) events"
        case .checkpointRoot: "the events from here on do not have the root that was signed"
        case .checkpointSignature(let error): "a checkpoint is not signed by the key (\(error))"
        case .truncated: "the file ends early"
        case .shorterThanRemembered: "a checkpoint seen earlier covers more events than the export has"
        }
    }
}
