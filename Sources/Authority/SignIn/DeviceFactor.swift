import Names
import SSHFormats

/// Another device of the person, where somebody is signed in: it is told who asks from where, and takes the number that is
/// shown here. A push without a vendor.
struct DeviceFactor: Participant {
    let name = "device"
    let factor = Factor.device
    /// Whoever asks disturbs somebody, so each asking is counted.
    let canBeGuessed = true
    let pending: any PendingSignIns
    let recorder: Recorder

    func begin(_ about: ConversationFacts) async throws(AuthorityError) -> Asked {
        let id = Hexadecimal.text(recorder.world.random(16))
        let number = DeviceFactor.number(recorder.world.random(8))
        let now = recorder.world.now()
        if let person = about.person {
            try await recorder.keep([
                .signInPending(
                    PendingSignIn(
                        id: id, identity: person.id, number: number, key: about.key, source: about.source,
                        askedAt: now))
            ])
        } else {
            try await decoy(until: now.advanced(by: Int64(PendingSignIn.Purpose.signIn.longest)))
        }
        var memory = WireWriter()
        memory.string(id)
        memory.string(number)
        memory.uint64(now.seconds)
        return Asked([prompt(number)], memory: memory.bytes)
    }

    func answer(
        _ answers: [String: String], memory: [UInt8], _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        var reader = WireReader(memory)
        guard let id = try? reader.text(limit: 64), let number = try? reader.text(limit: 8),
            let asked = try? reader.uint64()
        else { throw .refused(.conversationOver) }
        let found: PendingSignIn?
        do { found = try await pending.pendingSignIn(id: id) } catch { throw .store(error) }
        switch found?.decision {
        case .used: return .failed(reason: "used")
        case .approved:
            guard let found, let person = about.person, found.identity == person.id, found.key == about.key
            else { return .failed(reason: "another-person") }
            return .proven(person.id, facts: [.signInDecided(id: id, .used)])
        case nil, .denied:
            // A denial is told when nobody could have answered any more: before, it would say that somebody was asked.
            let end = UnixTime(asked).advanced(by: Int64(PendingSignIn.Purpose.signIn.longest))
            guard recorder.world.now() < end else {
                return .failed(reason: found?.decision == .denied ? "denied" : "not-approved")
            }
            return .ask(Asked([prompt(number)], memory: memory))
        }
    }

    private func prompt(_ number: String) -> Prompt {
        var prompt = Prompt(
            .wait, name, "Run reeve sign-in approve where you are signed in; the number that it asks for")
        prompt.code = number
        prompt.seconds = 2
        return prompt
    }

    /// For nobody: as much is written as for somebody.
    private func decoy(until end: UnixTime) async throws(AuthorityError) {
        let claim = IdempotencyClaim(
            scopeHash: recorder.world.random(32), bodyHash: [], notAfter: end)
        do { _ = try await recorder.journal.record(Entry([], event: nil, claim: claim)) } catch {
            throw .store(error)
        }
    }

    /// Four digits.
    static func number(_ random: [UInt8]) -> String {
        let value = random.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % 10_000
        let digits = String(value)
        return String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }
}
