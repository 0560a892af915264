import AuthorityAPI
package import AuthorityClient
package import Posix
import Synchronization

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
