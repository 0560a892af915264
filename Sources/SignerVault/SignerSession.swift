import Posix
import SSHFormats
import SignerProtocol

/// One connection: takes as many requests as have arrived, answers them all with one write.
package struct SignerSession {
    private let vault: VaultDoor
    private let peer: UInt32
    private let log: @Sendable (String) -> Void
    private let now: @Sendable () -> UInt64
    private var decoder = FrameDecoder()
    private var isGreeted = false

    package init(
        _ vault: VaultDoor, peer: UInt32, now: @escaping @Sendable () -> UInt64,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.vault = vault
        self.peer = peer
        self.now = now
        self.log = log
    }

    package init(
        _ vault: Vault, peer: UInt32, now: @escaping @Sendable () -> UInt64,
        log: @escaping @Sendable (String) -> Void
    ) {
        self.init(VaultDoor(vault), peer: peer, now: now, log: log)
    }

    /// What goes back for the bytes that arrived, and whether the connection goes on.
    package mutating func receive(_ bytes: [UInt8]) -> (replies: [UInt8], goesOn: Bool) {
        decoder.append(bytes)
        var answers: [(id: UInt32, answer: Vault.Answer)] = []
        let goesOn = takeFrames(&answers)
        return (release(answers), goesOn)
    }

    private mutating func takeFrames(_ answers: inout [(id: UInt32, answer: Vault.Answer)]) -> Bool {
        do {
            while let frame = try decoder.next() {
                do throws(SignerFault) {
                    answers.append((frame.id, vault.answer(try request(frame), from: peer)))
                } catch {
                    answers.append((frame.id, Self.malformed(frame, error)))
                    return false
                }
            }
            return true
        } catch {
            let fault = SignerFault(.badFrame, "a frame has 5 to \(Frame.limit) bytes")
            answers.append((0, Self.malformed(Frame(type: 0, id: 0, payload: []), fault)))
            return false
        }
    }

    private mutating func request(_ frame: Frame) throws(SignerFault) -> SignerRequest {
        let request = try SignerRequest(frame)
        if request == .hello(version: SignerRequest.version) { isGreeted = true }
        guard isGreeted || request.isHello else {
            throw SignerFault(.wrongVersion, "the first request is hello")
        }
        return request
    }

    /// Logs first, then makes durable, then lets go: nothing leaves that is not on record.
    private func release(_ answers: [(id: UInt32, answer: Vault.Answer)]) -> [UInt8] {
        let lines = answers.compactMap { $0.answer.record?.line(time: now(), peer: peer) }
        if !lines.isEmpty { log(lines.joined()) }
        let fault = answers.contains(where: \.answer.isUnsettled) ? settle() : nil
        var writer = WireWriter(capacity: answers.count * 128)
        for (id, answer) in answers {
            let reply = answer.isUnsettled ? fault.map(SignerReply.fault) ?? answer.reply : answer.reply
            reply.frame(id: id).write(to: &writer)
        }
        return writer.bytes
    }

    private func settle() -> SignerFault? {
        do throws(SignerFault) {
            try vault.settle()
            return nil
        } catch {
            return error
        }
    }

    private static func malformed(_ frame: Frame, _ fault: SignerFault) -> Vault.Answer {
        let event = SigningRecord.Event.refused(code: fault.code.rawValue, reason: fault.reason)
        return Vault.Answer(
            reply: .fault(fault),
            record: SigningRecord(event: event, subject: "connection", serial: nil, bytes: frame.payload))
    }
}
