/// The ledger as lines of text that anyone can check offline; ``LedgerVerifier`` does.
///
/// Fields are parted by one TAB, lines end with LF, and there is one way to write each:
///
/// ```
/// keyreeve-ledger  1  origin  vkey
/// event            index  leaf hash in hex  exact bytes of the leaf in base64
/// pruned           index  leaf hash in hex
/// checkpoint       signed note in base64
/// end              number of events
/// ```
///
/// Events stand in order from 0. Those whose content is no longer kept are `pruned`: their hashes still prove all others.
/// They come before all that are whole, so that none can be left out from between.
/// A checkpoint stands right after the last event that it covers; the last one
/// covers all. Several may be given: the more, the closer a damage is placed.
public enum LedgerExport {
    /// The only version there is.
    public static let version = 1

    /// Longest leaf, in bytes.
    public static let leafLimit = 1_048_576

    /// First line.
    public static func header(_ key: VerifierKey) -> String {
        "\(headerWord)\t\(version)\t\(key.name)\t\(key)\n"
    }

    /// Line of one event.
    public static func event(index: UInt64, leafHash: MerkleHash, bytes: [UInt8]) -> String {
        "\(eventWord)\t\(index)\t\(leafHash)\t\(Base64.encode(bytes))\n"
    }

    /// Line of an event of which the hash alone is kept.
    public static func pruned(index: UInt64, leafHash: MerkleHash) -> String {
        "\(prunedWord)\t\(index)\t\(leafHash)\n"
    }

    /// Line of a checkpoint.
    public static func checkpoint(_ checkpoint: Checkpoint) -> String {
        "\(checkpointWord)\t\(Base64.encode(Array(checkpoint.text.utf8)))\n"
    }

    /// Last line.
    public static func end(count: UInt64) -> String { "\(endWord)\t\(count)\n" }

    static let headerWord = "keyreeve-ledger"
    static let eventWord = "event"
    static let prunedWord = "pruned"
    static let checkpointWord = "checkpoint"
    static let endWord = "end"

    /// Longest line of a well-formed export, without its LF.
    static let lineLimit = leafLimit / 3 * 4 + 128
}
