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
    let manner = Mutex(PAMManner())
    private let random: @Sendable (Int) -> [UInt8]

    package init(_ settings: PAMSettings, random: @escaping @Sendable (Int) -> [UInt8]) {
        self.settings = settings
        self.random = random
        instance = random(Self.idLength)
    }

    /// How many conversations there are.
    package var count: Int { live.withLock { $0.count } }

    /// Starts a conversation. What ends without having asked has the person wait, and is told then.
    ///
    /// - Throws: ``Fault/busy(_:)``, ``Fault/unavailable(_:)``.
    package func begin(
        _ opening: PAMOpening
    ) async throws(Fault) -> (prompts: [PAMPrompt], memory: [UInt8]) {
        let started = ContinuousClock.now
        let network = SourceNetwork.of(opening.source)
        sweep()
        let id = random(Self.idLength)
        let (conversation, heard) = try await blocking { [self] () throws(Fault) in
            try dial(opening, id, network)
        }
        let prompts: [PAMPrompt]
        if case .ended(let verdict) = heard {
            prompts = played(conversation, verdict) ?? [.waiting([])]
            conversation.hold(verdict)
        } else {
            prompts = try self.prompts(conversation, heard)
        }
        return (prompts, await yield(conversation, prompts, since: started))
    }

    /// Goes on with one.
    ///
    /// - Parameter evenly: Whether a yes takes as long as a no, since more is asked for after it.
    /// - Throws: ``Fault/over``, ``Fault/badAnswers(_:)`` after which it can be tried again, ``Fault/busy(_:)``.
    package func answer(
        _ answers: [String: String], memory: [UInt8], evenly: Bool = false
    ) async throws(Fault) -> Turn {
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
        let prompts: [PAMPrompt]
        if case .ended(let verdict) = heard {
            guard let played = played(conversation, verdict) else {
                return await end(conversation, verdict, since: started, evenly: evenly)
            }
            conversation.hold(verdict)
            prompts = played
        } else {
            prompts = try self.prompts(conversation, heard)
        }
        return .ask(prompts, memory: await yield(conversation, prompts, since: started))
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
    private func prompts(
        _ conversation: LiveConversation, _ heard: LiveConversation.Heard
    ) throws(Fault) -> [PAMPrompt] {
        switch heard {
        case .asked(let messages):
            if conversation.isKnown {
                manner.withLock { $0.saw(messages, round: conversation.rounds, of: conversation.shown) }
            }
            return PAMPrompt.round(messages, first: conversation.nextAnswer)
        case .working(let told): return [.waiting(told)]
        case .turnedAway(let reason):
            forget(conversation)
            throw .busy(reason)
        case .ended: throw .over
        }
    }

    /// What is asked though the stack has refused already; nil where nobody would be asked more.
    private func played(_ conversation: LiveConversation, _ verdict: PAMVerdict) -> [PAMPrompt]? {
        guard case .refused = verdict,
            let round = manner.withLock({ $0.round(conversation.rounds, of: conversation.shown) })
        else { return nil }
        return PAMPrompt.round(round, first: conversation.nextAnswer)
    }

    /// What the next request goes on with.
    private func yield(
        _ conversation: LiveConversation, _ prompts: [PAMPrompt], since started: ContinuousClock.Instant
    ) async -> [UInt8] {
        let number = conversation.yield(prompts)
        await pause(
            conversation.rounds > 1 ? settings.questionStep * 10 : settings.questionStep, since: started)
        return Self.memory(instance, conversation.id, number)
    }

    private func end(
        _ conversation: LiveConversation, _ verdict: PAMVerdict, since started: ContinuousClock.Instant,
        evenly: Bool
    ) async -> Turn {
        forget(conversation)
        if evenly { await pause(settings.refusalStep, since: started) }
        switch verdict {
        case .proven:
            manner.withLock { $0.wasEnough(conversation.rounds) }
            return .proven
        case .passwordExpired: return .passwordExpired
        case .refused(let reason):
            if !evenly { await pause(settings.refusalStep, since: started) }
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
