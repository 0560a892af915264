import Names
import SSHFormats

/// The way back for whoever has lost their factors: somebody vouches for them, and then everything is set anew, with the key of
/// the machine that asks. For names that do not exist it waits just as long, and asks nobody.
struct RecoveryFactor: Participant {
    static let longestReason = 500
    /// Seconds to set everything anew once somebody vouched.
    private static let settingUp: UInt64 = 900

    let vouching: Vouching
    let desk: RecoveryDesk
    let vouch: RecoveryVouchers
    let origin: String

    var name: String { SignInWay.recovery(vouching).description }
    let factor = Factor.recovery
    /// Whoever asks disturbs people, so each asking is counted.
    let canBeGuessed = true

    private var recorder: Recorder { desk.recorder }

    func begin(_ about: ConversationFacts) async throws(AuthorityError) -> Asked {
        guard vouching == .colleagues else { return try await ask(nil, about) }
        return Asked(
            [Prompt(.text, "reason", "Why, for those who vouch for you")], memory: RecoveryMemory.asking.bytes
        )
    }

    func answer(
        _ answers: [String: String], memory: [UInt8], _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        guard let memory = RecoveryMemory(memory) else { throw .refused(.conversationOver) }
        switch memory {
        case .asking: return .ask(try await ask(try reason(answers["reason"] ?? ""), about))
        case .waiting(let waiting): return try await wait(waiting, about)
        case .settingUp(let waiting, let secret): return try await setUp(waiting, secret, answers, about)
        }
    }

    private func reason(_ text: String) throws(AuthorityError) -> String? {
        guard text.unicodeScalars.count <= Self.longestReason,
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw .refused(.badRequest, "reason: at most 500 characters, no control characters") }
        return text.isEmpty ? nil : text
    }

    private func ask(_ reason: String?, _ about: ConversationFacts) async throws(AuthorityError) -> Asked {
        let shown = DeviceFactor.number(recorder.world.random(8))
        let waiting = try await vouch.ask(vouching, shown, reason, about)
        return Asked([prompt(waiting)], memory: RecoveryMemory.waiting(waiting).bytes)
    }

    private func prompt(_ waiting: RecoveryMemory.Waiting) -> Prompt {
        var prompt = Prompt(
            .wait, "recovery",
            vouching == .device
                ? "Run reeve sign-in approve on a device where you are signed in; the number that it asks for"
                : "Call those who may vouch for you, who run reeve requests; the number to tell them")
        prompt.code = waiting.shown
        prompt.seconds = 2
        return prompt
    }

    private func wait(
        _ waiting: RecoveryMemory.Waiting, _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        switch try await vouch.answer(vouching, waiting, about) {
        case .given: return .ask(try await askForNew(waiting, about))
        case .open, .denied:
            // A denial is told when nobody could have agreed any more: before, it would say that somebody was asked.
            guard recorder.world.now() < waiting.notAfter else { return .failed(reason: "nobody-vouched") }
            return .ask(Asked([prompt(waiting)], memory: RecoveryMemory.waiting(waiting).bytes))
        case .used: return .failed(reason: "used")
        }
    }

    private func askForNew(
        _ waiting: RecoveryMemory.Waiting, _ about: ConversationFacts
    ) async throws(AuthorityError) -> Asked {
        guard let person = about.person else { throw .refused(.conversationOver) }
        let secret = recorder.world.random(TOTP.secretLength)
        let held = try await desk.held(by: person.id)
        let devices = held.devices.map(\.id.name.text)
        var lost = Prompt(.text, "lost", "Devices and keys that somebody else may have, with commas between")
        lost.choices = devices + held.keys.map(\.description)
        var kept = Prompt(.text, "keep", "Devices and keys that you have; all others are suspended")
        kept.choices = lost.choices
        let (base32, address) = EnrolmentNeeds.otpauth(Secret(secret), account: person.id, issuer: origin)
        var code = Prompt(.text, "new-totp", "Code of the new authenticator app")
        (code.code, code.url) = (base32, address)
        return Asked(
            [
                Prompt(.text, "device", "Name of this device"), lost, kept,
                Prompt(.secret, "new-password", "New password (12 bytes or more)"), code,
            ], memory: RecoveryMemory.settingUp(waiting, secret).bytes)
    }

    /// - Throws: `.refused` with what is wrong with the answers; then others may be given.
    private func setUp(
        _ waiting: RecoveryMemory.Waiting, _ secret: [UInt8], _ answers: [String: String],
        _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        let now = recorder.world.now()
        guard let person = about.person, now < waiting.notAfter.advanced(by: Int64(Self.settingUp)) else {
            return .failed(reason: "too-late")
        }
        guard case .given(let facts, let vouchers) = try await vouch.answer(vouching, waiting, about) else {
            return .failed(reason: "taken-back")
        }
        let answers = try RecoveryAnswers(answers, of: person, try await desk.held(by: person.id))
        let (codes, factors) = try await newFactors(of: person, answers, secret, at: now)
        let device = Identity(id: answers.device, owner: person.id, createdAt: now)
        return .recovered(
            RecoveryPlan(
                person: person.id, device: device, lostDevices: answers.lostDevices,
                keptDevices: answers.keptDevices, lostKeys: answers.lostKeys, keptKeys: answers.keptKeys,
                facts: facts + factors,
                codes: codes, vouchers: vouchers, vouching: vouching))
    }

    private func newFactors(
        of person: Identity, _ answers: RecoveryAnswers, _ secret: [UInt8], at now: UnixTime
    ) async throws(AuthorityError) -> ([Secret<String>], [Fact]) {
        try PasswordRule.check(answers.password, person: person.id, known: desk.check.knownPasswords)
        guard let step = TOTP.step(of: answers.code, secret: secret, at: now) else {
            throw .refused(
                .signInFailed, "new-totp: not the code of the new secret; check this device's clock")
        }
        let hash: String
        do { hash = try await desk.check.hashing.hash(answers.password) } catch { throw .hashing(error) }
        let (codes, codeFacts) = try desk.codes.draw(for: person.id)
        return (
            codes,
            [
                .factorSet(
                    person.id, .password, sealed: try sealed(Array(hash.utf8), person.id, .password)),
                .factorSet(person.id, .totp, sealed: try sealed(secret, person.id, .totp)),
                .totpStepTaken(person.id, step: step),
            ] + codeFacts
        )
    }

    private func sealed(
        _ plain: [UInt8], _ id: IdentityID, _ factor: Factor
    ) throws(AuthorityError) -> [UInt8] {
        do { return try recorder.sealing.seal(plain, context: FactorCheck.context(id, factor)) } catch {
            throw .sealing(error)
        }
    }
}

/// What a person answers who sets everything anew.
struct RecoveryAnswers {
    static let names: Set<String> = ["device", "lost", "keep", "new-password", "new-totp"]

    let device: IdentityID
    var lostDevices: Set<IdentityID> = []
    var keptDevices: Set<IdentityID> = []
    var lostKeys: Set<Fingerprint> = []
    var keptKeys: Set<Fingerprint> = []
    let password: [UInt8]
    let code: String

    init(
        _ answers: [String: String], of person: Identity, _ held: (devices: [Identity], keys: [Fingerprint])
    ) throws(AuthorityError) {
        guard Set(answers.keys) == Self.names, let name = answers["device"],
            let password = answers["new-password"], let code = answers["new-totp"]
        else { throw .refused(.badRequest, "answers: \(Self.names.sorted().joined(separator: ", "))") }
        self.password = Array(password.utf8)
        self.code = code
        do throws(NameError) {
            device = IdentityID(.device, try Name("\(person.id.name).\(try Name(name))"))
        } catch {
            throw .refused(.badName, "device: \(error)")
        }
        let own = device
        guard !held.devices.contains(where: { $0.id == own }) else {
            throw .refused(.alreadyExists, "device: you have one called \(name)")
        }
        for text in Self.list(answers["lost"]) {
            if let found = held.keys.first(where: { $0.description == text }) {
                lostKeys.insert(found)
                continue
            }
            lostDevices.insert(try Self.device(text, held.devices, "lost"))
        }
        for text in Self.list(answers["keep"]) {
            if let found = held.keys.first(where: { $0.description == text }) {
                keptKeys.insert(found)
                continue
            }
            keptDevices.insert(try Self.device(text, held.devices, "keep"))
        }
        guard lostDevices.isDisjoint(with: keptDevices), lostKeys.isDisjoint(with: keptKeys) else {
            throw .refused(.badRequest, "keep: a device that is lost is not kept")
        }
    }

    private static func list(_ text: String?) -> [String] {
        (text ?? "").split { $0 == "," || $0 == " " }.map(String.init)
    }

    private static func device(
        _ text: String, _ devices: [Identity], _ field: String
    ) throws(AuthorityError) -> IdentityID {
        guard let found = devices.first(where: { $0.id.name.text == text || $0.id.description == text })
        else {
            throw .refused(
                .badRequest,
                "\(field): you have \(devices.isEmpty ? "no device" : devices.map(\.id.name.text).joined(separator: ", "))"
            )
        }
        return found.id
    }
}
