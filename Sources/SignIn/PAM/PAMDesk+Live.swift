import Names
import PAMProtocol
import Posix
import SSHFormats
import Synchronization

extension PAMDesk {
    /// Connects, and hears the first that the stack says. Where all workers are taken, one other makes room.
    func dial(
        _ opening: PAMOpening, _ id: [UInt8], _ network: String
    ) throws(Fault) -> (LiveConversation, LiveConversation.Heard) {
        let end = Deadline.after(milliseconds: settings.patienceForRoom)
        var hasMadeRoom = false
        while true {
            let (conversation, heard) = try dialOnce(opening, id, network)
            guard case .turnedAway = heard, Deadline.after(milliseconds: 0) < end else {
                return (conversation, heard)
            }
            forget(conversation)
            hasMadeRoom = hasMadeRoom || endAnother(for: network)
            BlockingThread.pause(milliseconds: 50)
        }
    }

    private func dialOnce(
        _ opening: PAMOpening, _ id: [UInt8], _ network: String
    ) throws(Fault) -> (LiveConversation, LiveConversation.Heard) {
        let connection: UnixConnection
        do { connection = try UnixConnection.connect(settings.socket) } catch {
            throw .unavailable("the socket of reeve-pam does not answer: \(error)")
        }
        let conversation = LiveConversation(
            id: id, network: network, opening: opening,
            deadline: .after(milliseconds: settings.seconds * 1_000),
            channel: PAMChannel(connection))
        guard live.withLock({ $0.keep(conversation, most: settings.most) }) else {
            throw .busy("\(settings.most) conversations with PAM are open")
        }
        // One that is turned away may be closed before it has sent anything; what it was told is there to be read.
        try? conversation.send(.begin(opening))
        return (conversation, conversation.hear(settings))
    }

    /// The conversation and the turn that the state names.
    func find(_ memory: [UInt8]) throws(Fault) -> (LiveConversation, UInt32) {
        var reader = WireReader(memory)
        guard let instance = try? reader.raw(Self.idLength), instance.elementsEqual(self.instance),
            let id = try? reader.raw(Self.idLength), let turn = try? reader.uint32(),
            (try? reader.end()) != nil,
            let conversation = live.withLock({ $0[Array(id)] })
        else { throw .over }
        return (conversation, turn)
    }

    static func memory(_ instance: [UInt8], _ id: [UInt8], _ turn: UInt32) -> [UInt8] {
        var writer = WireWriter()
        writer.raw(instance)
        writer.raw(id)
        writer.uint32(turn)
        return writer.bytes
    }

    /// In the order of the questions; nothing is cut.
    static func given(
        _ answers: [String: String], for due: [String]
    ) throws(Fault) -> [Secret<[UInt8]>] {
        let names = answers.keys.filter { $0 != "pam-wait" }
        guard Set(names) == Set(due) else {
            throw .badAnswers("answers: \(due.isEmpty ? "none" : due.joined(separator: ", "))")
        }
        var given: [Secret<[UInt8]>] = []
        for name in due {
            let answer = Array((answers[name] ?? "").utf8)
            guard answer.count <= PAMRequest.longestAnswer, !answer.contains(0) else {
                throw .badAnswers("\(name): up to \(PAMRequest.longestAnswer) bytes, none of them NUL")
            }
            given.append(Secret(answer))
        }
        return given
    }

    /// Takes away what is over and was left.
    func sweep() {
        let now = Deadline.after(milliseconds: 0)
        let left = live.withLock { live in
            let left = live.values.filter { $0.deadline < now && $0.idleSince != nil }
            for one in left { live[one.id] = nil }
            return left
        }
        for one in left { one.close() }
    }

    /// Ends the conversation that waits longest for its person, if that is long; or else, of another network that has
    /// several, its oldest: nobody keeps all workers. False where there is none.
    private func endAnother(for network: String) -> Bool {
        let idle = settings.idle * 1_000_000_000
        let now = MonotonicClock.now()
        let one = live.withLock { live -> LiveConversation? in
            let waiting = live.values.compactMap { one in one.idleSince.map { (since: $0, one) } }
                .sorted { $0.since < $1.since }
            let most = Dictionary(grouping: waiting) { $0.1.network }.filter { $0.key != network }.values
                .max { $0.count < $1.count }
            let isLong = waiting.first.map { now - $0.since > idle } ?? false
            let several = most.flatMap { $0.count > 1 ? $0.first : nil }
            guard let (_, one) = isLong ? waiting.first : several else { return nil }
            live[one.id] = nil
            return one
        }
        one?.close()
        return one != nil
    }

    func forget(_ conversation: LiveConversation) {
        live.withLock { $0[conversation.id] = nil }
        conversation.close()
    }

    /// Runs what waits in the kernel on a thread of its own.
    func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws(Fault) -> Value
    ) async throws(Fault) -> Value {
        let isFree = threads.withLock { count in
            guard count < Self.mostThreads else { return false }
            count += 1
            return true
        }
        guard isFree else { throw .busy("too many requests wait for PAM") }
        defer { threads.withLock { $0 -= 1 } }
        let result: Result<Value, Fault> = await withCheckedContinuation { continuation in
            do throws(PosixError) {
                try BlockingThread.start(stack: 262_144) {
                    let result: Result<Value, Fault>
                    do throws(Fault) { result = .success(try body()) } catch { result = .failure(error) }
                    continuation.resume(returning: result)
                }
            } catch {
                continuation.resume(returning: .failure(.busy("no thread: \(error)")))
            }
        }
        return try result.get()
    }
}

extension [[UInt8]: LiveConversation] {
    fileprivate mutating func keep(_ conversation: LiveConversation, most: Int) -> Bool {
        guard count < most else { return false }
        self[conversation.id] = conversation
        return true
    }
}
