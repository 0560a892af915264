import AuthorityAPI

/// What a worker tells the doorman, one packet each: a letter, and for a voucher the hash of the request's proof.
enum WorkerWord: Hashable, Sendable {
    case keysExchanged
    /// The authority has given a session, and more is shown to it.
    case steppingUp
    case signedIn
    /// The authority refused the sign-in.
    case refused
    /// What came was not SSH as it should be.
    case breach
    /// Asks for the word that a request comes from the worker's client: see ``DoorVoucher``.
    case voucher(proofHash: [UInt8])

    var packet: [UInt8] {
        switch self {
        case .keysExchanged: [UInt8(ascii: "k")]
        case .steppingUp: [UInt8(ascii: "u")]
        case .signedIn: [UInt8(ascii: "s")]
        case .refused: [UInt8(ascii: "r")]
        case .breach: [UInt8(ascii: "b")]
        case .voucher(let hash): [UInt8(ascii: "v")] + hash
        }
    }

    /// nil for anything else.
    init?(packet: [UInt8]) {
        switch (packet.first, packet.count) {
        case (UInt8(ascii: "k"), 1): self = .keysExchanged
        case (UInt8(ascii: "u"), 1): self = .steppingUp
        case (UInt8(ascii: "s"), 1): self = .signedIn
        case (UInt8(ascii: "r"), 1): self = .refused
        case (UInt8(ascii: "b"), 1): self = .breach
        case (UInt8(ascii: "v"), 1 + DoorVoucher.hashLength):
            self = .voucher(proofHash: Array(packet.dropFirst()))
        default: return nil
        }
    }
}
