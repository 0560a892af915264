import Names
import SSHFormats

/// What somebody sets anew who comes back: an authenticator app, a device with the key of the machine that asks, and, where
/// they have lost it as well, the password.
struct FreshStart: Sendable {
    /// Seconds to answer.
    static let longest: UInt64 = 900

    /// What becomes of the password and of the recovery codes.
    enum Known: Hashable, Sendable {
        /// They were shown, so they stay.
        case kept
        case anew
    }

    let desk: RecoveryDesk
    let origin: String

    private var recorder: Recorder { desk.recorder }

    func prompts(
        for person: Identity, _ secret: [UInt8], _ known: Known
    ) async throws(AuthorityError) -> [Prompt] {
        let held = try await desk.held(by: person.id)
        var lost = Prompt(.text, "lost", "Devices and keys that somebody else may have, with commas between")
        lost.choices = held.devices.map(\.id.name.text) + held.keys.map(\.description)
        var kept = Prompt(.text, "keep", "Devices and keys that you have; all others are suspended")
        kept.choices = lost.choices
        let (base32, address) = EnrolmentNeeds.otpauth(Secret(secret), account: person.id, issuer: origin)
        var code = Prompt(.text, "new-totp", "Code of the new authenticator app")
        (code.code, code.url) = (base32, address)
        let password = Prompt(.secret, "new-password", "New password (12 bytes or more)")
        return [Prompt(.text, "device", "Name of this device"), lost, kept]
            + (known == .anew ? [password] : []) + [code]
    }

    /// - Parameter facts: The use of what lets them back in.
    /// - Throws: `.refused` with what is wrong with the answers; then others may be given.
    func plan(
        for person: Identity, _ answers: [String: String], _ secret: [UInt8], _ known: Known,
        taking facts: [Fact], _ grounds: RecoveryPlan.Grounds
    ) async throws(AuthorityError) -> RecoveryPlan {
        let now = recorder.world.now()
        let answers = try RecoveryAnswers(answers, of: person, try await desk.held(by: person.id), known)
        var new = try authenticator(of: person, answers, secret, at: now)
        var codes: [Secret<String>] = []
        if let password = answers.password {
            new += try await self.password(of: person, password)
            let drawn = try desk.codes.draw(for: person.id)
            codes = drawn.codes
            new += drawn.facts
        }
        return RecoveryPlan(
            person: person.id,
            device: answers.present ?? Identity(id: answers.device, owner: person.id, createdAt: now),
            isNewDevice: answers.present == nil, lostDevices: answers.lostDevices,
            keptDevices: answers.keptDevices, lostKeys: answers.lostKeys, keptKeys: answers.keptKeys,
            factors: known == .anew ? [.password, .totp] : [.totp], facts: facts + new, codes: codes,
            grounds: grounds)
    }

    private func authenticator(
        of person: Identity, _ answers: RecoveryAnswers, _ secret: [UInt8], at now: UnixTime
    ) throws(AuthorityError) -> [Fact] {
        guard let step = TOTP.step(of: answers.code, secret: secret, at: now) else {
            throw .refused(
                .signInFailed, "new-totp: not the code of the new secret; check this device's clock")
        }
        return [
            .factorSet(person.id, .totp, sealed: try sealed(secret, person.id, .totp)),
            .totpStepTaken(person.id, step: step),
        ]
    }

    private func password(of person: Identity, _ password: [UInt8]) async throws(AuthorityError) -> [Fact] {
        try PasswordRule.check(password, person: person.id, known: desk.check.knownPasswords)
        let hash: String
        do { hash = try await desk.check.hashing.hash(password) } catch { throw .hashing(error) }
        return [.factorSet(person.id, .password, sealed: try sealed(Array(hash.utf8), person.id, .password))]
    }

    private func sealed(
        _ plain: [UInt8], _ id: IdentityID, _ factor: Factor
    ) throws(AuthorityError) -> [UInt8] {
        do { return try recorder.sealing.seal(plain, context: FactorCheck.context(id, factor)) } catch {
            throw .sealing(error)
        }
    }
}
