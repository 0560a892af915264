// What is wrong, as the second half of a sentence, for people.

extension CheckpointError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .name: "has a name that a log cannot have"
        case .key: "is not an Ed25519 verifier key"
        case .malformed: "is not laid out as a checkpoint"
        case .origin(let name): "is of another log, \(String(reflecting: name))"
        case .unsigned: "is not signed by this key"
        case .wrongSignature: "bears a signature of this key that is wrong"
        }
    }
}

extension MerkleError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .frontier(let wanted, let found): "has \(found) complete subtrees where \(wanted) belong"
        case .outOfRange(let index, let size): "asks for \(index) of a tree of \(size)"
        case .wrongProof: "does not lead to the root"
        }
    }
}
