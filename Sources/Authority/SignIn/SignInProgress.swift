import Names
import SSHFormats

/// What a conversation remembers between requests. It travels sealed with the caller.
struct SignInProgress: Sendable {
    /// Becomes the session's, so that a conversation makes one at most.
    let id: String
    let name: String
    /// What the session will be bound to.
    let key: Fingerprint
    let startedAt: UnixTime
    var way: SignInWay
    /// How many of the way's factors are through.
    var position = 0
    /// Whom a factor proved.
    var person: IdentityID?
    var proven: ProvenFactors = [:]
    /// The recovery code that was shown, as it is stored. It is taken with what is set anew.
    var code: [UInt8]?
    /// Why it will be refused; said once all factors were asked for.
    var failure: String?
    /// Whether the person who is named is to be told of guesses.
    var isGuessedAt = false
    /// What keeps the person out though they prove themselves.
    var bar: Refusal?
    /// What the present participant's try is counted as.
    var attempts: [Attempt] = []
    /// Tries that no wrong guess stands for: settled with the session, given back with the refusal.
    var held: [Attempt] = []
    /// The present participant's own.
    var memory: [UInt8] = []

    init(id: String, name: String, key: Fingerprint, startedAt: UnixTime, way: SignInWay) {
        self.id = id
        self.name = name
        self.key = key
        self.startedAt = startedAt
        self.way = way
    }

    var round: [String] { way.round(at: position) }
    var isThrough: Bool { position == way.names.count }
    /// Whether the authority compares what is asked for now by itself.
    var isKnown: Bool { round.first.map(SignInWay.known.contains) ?? false }
}

extension SignInProgress {
    static let longestMemory = 4_096
    /// UTF-8 bytes, of which a cut may replace the last character by up to two more.
    private static let longestReason = 200
    /// Bytes that what nobody may guess at takes, whatever it is: the length of a sealed state tells as well.
    private static let hidden = 1_536

    func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.string(id)
        writer.string(name)
        writer.string(key.description)
        writer.uint64(startedAt.seconds)
        writer.string(way.description)
        writer.uint32(UInt32(position))
        writer.string(outcome)
        writer.string(memory)
        return writer.bytes
    }

    /// What came of it so far.
    private var outcome: [UInt8] {
        var writer = WireWriter()
        writer.string(person?.description ?? "")
        writer.uint32(UInt32(proven.count))
        for (factor, time) in proven {
            writer.string(factor.rawValue)
            writer.uint64(time.seconds)
        }
        writer.string(String(decoding: (failure ?? "").utf8.prefix(Self.longestReason), as: UTF8.self))
        writer.string(bar?.rawValue ?? "")
        writer.byte(isGuessedAt ? 1 : 0)
        writer.string(code ?? [])
        writer.attempts(attempts)
        writer.attempts(held)
        let rest = Self.hidden - 4 - writer.bytes.count
        writer.string([UInt8](repeating: 0, count: max(0, rest)))
        return writer.bytes
    }

    /// What ``encoded()`` made; nil for anything else.
    init?(_ bytes: [UInt8]) {
        var reader = WireReader(bytes)
        do {
            let id = try reader.text(limit: 64)
            let name = String(
                decoding: try reader.string(limit: 4 * SignInConversation.longestName), as: UTF8.self)
            let key = try Fingerprint(text: try reader.text(limit: 128))
            let startedAt = UnixTime(try reader.uint64())
            self.init(
                id: id, name: name, key: key, startedAt: startedAt,
                way: SignInWay(names: try reader.text(limit: 512).split(separator: "+").map(String.init)))
            position = Int(try reader.uint32())
            guard try take(outcome: Array(try reader.string(limit: 2 * Self.hidden))) else { return nil }
            memory = Array(try reader.string(limit: Self.longestMemory))
            try reader.end()
        } catch {
            return nil
        }
        guard position < way.names.count else { return nil }
    }

    private mutating func take(outcome: [UInt8]) throws -> Bool {
        var reader = WireReader(outcome)
        let person = try reader.text(limit: 256)
        self.person = person.isEmpty ? nil : try IdentityID(person)
        for _ in 0..<(try reader.uint32()) {
            guard let factor = Factor(rawValue: try reader.text(limit: 32)) else { return false }
            proven[factor] = UnixTime(try reader.uint64())
        }
        let failure = try reader.text(limit: 256)
        self.failure = failure.isEmpty ? nil : failure
        bar = Refusal(rawValue: try reader.text(limit: 64))
        isGuessedAt = try reader.byte() == 1
        let code = Array(try reader.string(limit: 64))
        self.code = code.isEmpty ? nil : code
        guard let attempts = try reader.attempts(), let held = try reader.attempts() else { return false }
        self.attempts = attempts
        self.held = held
        _ = try reader.string(limit: Self.hidden)
        try reader.end()
        return true
    }
}

extension WireWriter {
    fileprivate mutating func attempts(_ attempts: [Attempt]) {
        uint32(UInt32(attempts.count))
        for attempt in attempts {
            string(attempt.account)
            string(attempt.factor.rawValue)
            string(attempt.source)
            uint64(attempt.at.seconds)
        }
    }
}

extension WireReader {
    fileprivate mutating func attempts() throws(WireError) -> [Attempt]? {
        var attempts: [Attempt] = []
        for _ in 0..<(try uint32()) {
            let account = try text(limit: 256)
            guard let factor = Factor(rawValue: try text(limit: 32)) else { return nil }
            attempts.append(
                Attempt(
                    account: account, factor: factor, source: try text(limit: 64),
                    at: UnixTime(try uint64())))
        }
        return attempts
    }
}
