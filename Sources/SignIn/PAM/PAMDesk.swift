import Authority
package import PAMProtocol
import Synchronization

/// The server's end: opens conversations with workers, and finds them again by what the caller's sealed state
/// remembers. They are live processes: another node, or this one after a restart, cannot go on with them.
package final class PAMDesk: Sendable {
    /// What a request came to.
    package enum Turn: Hashable, Sendable {
        case ask([PAMPrompt], memory: [UInt8])
        case proven
        /// The reason is for the ledger.
        case refused(String)
        case passwordExpired
    }

    package enum Fault: Error, Hashable, Sendable {
        /// There is no such conversation here, or another request goes on with it.
        case over
        /// The answers are not those that were asked for.
        case badAnswers(String)
        case busy(String)
        case unavailable(String)
    }

    /// Requests that wait for workers at a time; each has a thread.
    static let mostThreads = 256
    static let idLength = 16

    let settings: PAMSettings
    /// Tells this process from others, and from itself before a restart.
    let instance: [UInt8]
    let live = Mutex<[[UInt8]: LiveConversation]>([:])
    let threads = Mutex(0)
    private let random: @Sendable (Int) -> [UInt8]

    package init(_ settings: PAMSettings, random: @escaping @Sendable (Int) -> [UInt8]) {
        self.settings = settings
        self.random = random
        instance = random(Self.idLength)
    }

    /// How many conversations there are.
    package var count: Int { live.withLock { $0.count } }

    /// Starts a conversation.
    ///
    /// - Throws: ``Fault/busy(_:)``, ``Fault/unavailable(_:)``.
    package func begin(_ opening: PAMOpening) async throws(Fault) -> Turn {
        let started = ContinuousClock.now
        let network = SourceNetwork.of(opening.source)
        makeRoom(for: network)
        let id = random(Self.idLength)
        let (conversation, heard) = try await blocking { [self] () throws(Fault) in
            try dial(opening, id, network)
        }
        return try await turn(conversation, heard, since: started)
    }

    /// Goes on with one.
    ///
    /// - Throws: ``Fault/over``, ``Fault/badAnswers(_:)`` after which it can be tried again, ``Fault/busy(_:)``.
    package func answer(_ answers: [String: String], memory: [UInt8]) async throws(Fault) -> Turn {
        let started = ContinuousClock.now
        let (conversation, number) = try find(memory)
        let given = try Self.given(answers, for: conversation.due)
        guard conversation.take(turn: number) else { throw .over }
        let heard = try await blocking { [self] () throws(Fault) in
            guard !conversation.due.isEmpty else { return conversation.hear(settings) }
            do throws(PAMFault) { try conversation.send(.answers(given)) } catch {
                return .ended(.refused("the worker ended"))
            }
            return conversation.hear(settings)
        }
        return try await turn(conversation, heard, since: started)
    }

    /// Ends all conversations.
    package func close() {
        for conversation in live.withLock({ live in
            defer { live = [:] }
            return Array(live.values)
        }) { conversation.close() }
    }
}

extension PAMDesk {
    private func turn(
        _ conversation: LiveConversation, _ heard: LiveConversation.Heard,
        since started: ContinuousClock.Instant
    ) async throws(Fault) -> Turn {
        let prompts: [PAMPrompt]
        switch heard {
        case .asked(let messages):
            prompts = PAMPrompt.round(messages, first: conversation.nextAnswer)
        case .working(let told): prompts = [.waiting(told)]
        case .ended(let verdict): return await ended(conversation, verdict, since: started)
        case .turnedAway(let reason):
            forget(conversation)
            throw .busy(reason)
        }
        guard !prompts.isEmpty else {
            return await ended(conversation, .refused("it asked for nothing"), since: started)
        }
        let number = conversation.yield(prompts)
        await pause(settings.questionStep, since: started)
        return .ask(prompts, memory: Self.memory(instance, conversation.id, number))
    }

    private func ended(
        _ conversation: LiveConversation, _ verdict: PAMVerdict, since started: ContinuousClock.Instant
    ) async -> Turn {
        forget(conversation)
        switch verdict {
        case .proven: return .proven
        case .passwordExpired: return .passwordExpired
        case .refused(let reason):
            await pause(settings.refusalStep, since: started)
            return .refused(String(PAMText.printable(reason.utf8).prefix(128)))
        }
    }

    /// Waits until a whole number of steps has passed.
    private func pause(_ step: UInt64, since started: ContinuousClock.Instant) async {
        guard step > 0 else { return }
        let step = Duration.milliseconds(step)
        let steps = ((ContinuousClock.now - started) / step).rounded(.up)
        try? await Task.sleep(until: started + step * max(1, steps), clock: .continuous)
    }
}
