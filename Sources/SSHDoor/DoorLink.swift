import AuthorityAPI
package import AuthorityClient
package import Posix
import Synchronization

/// What a worker tells the doorman, one packet each: a letter, and for a voucher the hash of the request's proof.
enum WorkerWord: Hashable, Sendable {
    case keysExchanged
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
        case (UInt8(ascii: "s"), 1): self = .signedIn
        case (UInt8(ascii: "r"), 1): self = .refused
        case (UInt8(ascii: "b"), 1): self = .breach
        case (UInt8(ascii: "v"), 1 + DoorVoucher.hashLength):
            self = .voucher(proofHash: Array(packet.dropFirst()))
        default: return nil
        }
    }
}

/// The worker's end of the link. The doorman knows where the connection comes from, and says so; a worker cannot.
package final class DoorLink: Sendable {
    private let link: PacketLink
    /// One question at a time.
    private let asking = Mutex(())

    package init(_ link: PacketLink) { self.link = link }

    /// The first packet: the door's host key, in the text of OpenSSH.
    package func hostKey() throws(PosixError) -> [UInt8] { try link.receive() }

    /// A doorman that is gone is no reason to stop here: this process ends with it.
    func tell(_ word: WorkerWord) { try? link.send(word.packet) }

    /// Whose request the one with this proof is, in the doorman's word.
    package func voucher(for proof: String) throws(ClientError) -> String {
        let answer = asking.withLock { _ in
            try? {
                try link.send(WorkerWord.voucher(proofHash: DoorVoucher.hash(of: proof)).packet)
                return try link.receive(deadline: .after(milliseconds: 5_000))
            }()
        }
        guard let answer, !answer.isEmpty else { throw .badRequest("the doorman does not vouch for it") }
        return String(decoding: answer, as: UTF8.self)
    }
}
