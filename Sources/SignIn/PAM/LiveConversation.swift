import Names
import PAMProtocol
import Posix
import Synchronization

/// A conversation whose worker waits or works: it lives in this process alone.
final class LiveConversation: Sendable {
    /// What a worker was heard to say.
    enum Heard: Sendable {
        case asked([PAMMessage])
        /// The module works; so far it has told this.
        case working([PAMMessage])
        case ended(PAMVerdict)
        case turnedAway(String)
    }

    private struct State {
        /// Grows with each request that goes on with it.
        var turn: UInt32 = 0
        /// Names of the answers that are due; empty while the module works.
        var due: [String] = []
        var answered = 0
        var rounds = 0
        var isHeard = true
        /// An end that came before anything was asked.
        var ended: PAMVerdict?
        var lastUsed = MonotonicClock.now()
    }

    /// 16 random bytes.
    let id: [UInt8]
    /// The network of the person (``SourceNetwork``).
    let network: String
    /// The name as it was typed, and whether it is somebody's who may sign in.
    let shown: String
    let isKnown: Bool
    let deadline: Deadline
    private let channel: PAMChannel
    private let state = Mutex(State())

    init(id: [UInt8], network: String, opening: PAMOpening, deadline: Deadline, channel: PAMChannel) {
        self.id = id
        self.network = network
        shown = opening.shown
        isKnown = opening.standing != .nobody
        self.deadline = deadline
        self.channel = channel
    }

    /// Nanoseconds of the monotonic clock when it was used last; nil while a request is at it.
    var idleSince: UInt64? { state.withLock { $0.isHeard ? nil : $0.lastUsed } }

    /// Takes the turn for one request; false where another has it, or has had it.
    func take(turn: UInt32) -> Bool {
        state.withLock { state in
            guard !state.isHeard, state.turn == turn else { return false }
            state.isHeard = true
            return true
        }
    }

    /// Gives it back, with what is asked now; the number of the next turn.
    func yield(_ prompts: [PAMPrompt]) -> UInt32 {
        state.withLock { state in
            let due = prompts.filter { $0.kind != .wait }.map(\.name)
            state.turn += 1
            state.due = due
            state.answered += due.count
            state.rounds += due.isEmpty ? 0 : 1
            state.isHeard = false
            state.lastUsed = MonotonicClock.now()
            return state.turn
        }
    }

    /// How many rounds were asked.
    var rounds: Int { state.withLock { $0.rounds } }

    /// Keeps the end for the next turn.
    func hold(_ verdict: PAMVerdict) { state.withLock { $0.ended = verdict } }

    /// Names of the answers that are due.
    var due: [String] { state.withLock { $0.due } }

    /// The number of the first answer of the next round.
    var nextAnswer: Int { state.withLock { $0.answered + 1 } }

    /// Answers a round, unless that is only played.
    func send(_ request: PAMRequest) throws(PAMFault) {
        guard state.withLock({ $0.ended == nil }) else { return }
        try channel.send(request.frame)
    }

    /// Blocks until the worker asks, ends, or has been working for a while. A worker that does anything else, or that
    /// ends without a word, has refused.
    func hear(_ settings: PAMSettings) -> Heard {
        if let verdict = state.withLock({ $0.ended }) { return .ended(verdict) }
        let patience = min(.after(milliseconds: settings.patience), deadline)
        var told: [PAMMessage] = []
        while true {
            let news = Deadline.after(milliseconds: settings.patienceWithNews)
            do throws(PAMFault) {
                let frame = try channel.receive(before: told.isEmpty ? patience : min(news, patience))
                switch try PAMReply(frame) {
                case .ask(let messages):
                    guard messages.contains(where: \.style.isAnswered) else {
                        return .ended(.refused("it asked for nothing"))
                    }
                    return .asked(told + messages)
                case .tell(let messages): told += messages
                case .ended(let verdict): return .ended(verdict)
                case .turnedAway(let reason): return .turnedAway(reason)
                }
                guard told.count <= Self.mostTold else { return .ended(.refused("it tells too much")) }
            } catch {
                guard error == .silent else { return .ended(.refused(Self.reason(error))) }
                guard deadline > .after(milliseconds: 0) else { return .ended(.refused("it took too long")) }
                return .working(told)
            }
        }
    }

    func close() { channel.close() }

    private static let mostTold = 64

    private static func reason(_ fault: PAMFault) -> String {
        switch fault {
        case .closed, .silent: "the worker ended"
        case .malformed: "the worker said what it must not"
        case .system: "the connection failed"
        }
    }
}
