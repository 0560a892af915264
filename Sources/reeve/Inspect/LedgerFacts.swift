import Ledger

/// A signed checkpoint of a ledger; its signatures are named, not checked, since the key is not in it.
struct CheckpointFacts: InspectedFacts {
    let kind = "checkpoint"
    let origin: String
    let size: UInt64
    let root: String
    let signedBy: [String]

    private enum CodingKeys: String, CodingKey { case kind, origin, size, root, signedBy }

    init(_ checkpoint: Checkpoint) {
        origin = checkpoint.body.origin
        size = checkpoint.body.size
        root = checkpoint.body.root.description
        signedBy = checkpoint.signatures.map { $0.name + "+" + Hexadecimal.text($0.keyHash) }
    }

    var lines: [String] {
        ["checkpoint of \(origin)", "size: \(size)", "root: \(root)"]
            + signedBy.map { "signed by: \($0) (not checked)" }
    }
}

/// The key that verifies checkpoints (C2SP signed-note).
struct VerifierKeyFacts: InspectedFacts {
    let kind = "verifier key"
    let origin: String
    let keyHash: String
    let publicKey: String

    private enum CodingKeys: String, CodingKey { case kind, origin, keyHash, publicKey }

    init(_ key: VerifierKey) {
        origin = key.name
        keyHash = Hexadecimal.text(key.keyHash)
        publicKey = Hexadecimal.text(key.publicKey)
    }

    var lines: [String] {
        ["verifier key of the ledger \(origin)", "key hash: \(keyHash)", "Ed25519: \(publicKey)"]
    }
}

enum Hexadecimal {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
