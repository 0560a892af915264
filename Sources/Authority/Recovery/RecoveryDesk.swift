import Names
import SSHFormats

/// Knows what recoveries rest on, and what they end.
struct RecoveryDesk: Sendable {
    let enrolment: Enrolment
    let check: FactorCheck
    let codes: RecoveryCodes
    let inventory: any Inventory
    let passkeys: any Passkeys
    let policies: PolicyDesk
    let recorder: Recorder

    /// Whether the policy opens this way, and the key is one that nobody has seen: a recovery always comes with a new one.
    ///
    /// - Throws: the same for every name.
    func admit(_ vouching: Vouching, _ key: PublicKey) async throws(AuthorityError) {
        let rule = try await policies.current().policy.recovery
        guard vouching == .device ? rule.byDevice : rule.colleagues != nil else {
            throw .refused(.recoveryNotGranted, "the policy lets nobody back in by \(vouching.rawValue)")
        }
        try await admit(key)
    }

    /// Whether nobody has seen the key.
    func admit(_ key: PublicKey) async throws(AuthorityError) {
        let known: RegisteredKey?
        do { known = try await check.directory.key(key.fingerprint) } catch { throw .store(error) }
        guard known == nil else { throw .refused(.keyTaken, "a recovery takes a key that is new") }
        try await enrolment.checkAlive([key])
    }

    /// Devices that the person still has a say about, and their ssh keys.
    func held(
        by person: IdentityID
    ) async throws(AuthorityError) -> (devices: [Identity], keys: [Fingerprint]) {
        do {
            let devices = try await inventory.devices(of: person).filter { $0.status != .retired }
            let keys = try await check.directory.keys(of: person).filter { $0.state == .active }
            return (devices, keys.map(\.publicKey.fingerprint))
        } catch {
            throw .store(error)
        }
    }

    /// Ends what was before: all sessions, certificates and passkeys, devices and keys that are lost for good, and for the
    /// while those that nobody says are there.
    ///
    /// - Returns: And the key in whose place the new one comes, where a device has both.
    /// - Throws: `.refused(.alreadyExists)` where that device is not active any more.
    func ending(
        _ plan: RecoveryPlan, at now: UnixTime
    ) async throws(AuthorityError) -> (facts: [Fact], former: Fingerprint?) {
        var former: Fingerprint?
        var facts: [Fact] = [
            .sessionsEnded(of: plan.person, at: now),
            .revoked(
                Revocation(target: .identity(plan.person), reason: EventAction.recovered.rawValue, at: now)),
        ]
        let devices = try await held(by: plan.person).devices
        let isThere = devices.contains { $0.id == plan.device.id && $0.status == .active }
        guard plan.isNewDevice || isThere else { throw .refused(.alreadyExists, "\(plan.device.id)") }
        for var device in devices where !plan.keptDevices.contains(device.id) {
            let isSame = device.id == plan.device.id
            let act: DeviceAct = isSame || plan.lostDevices.contains(device.id) ? .lost : .suspend
            let keys = try await check.directory.keyChanges(of: device.id, to: act.keyState)
            if isSame {
                if case .keyChanged(let key, _)? = keys.last { former = key }
            } else if device.status.mayBecome(act.status) {
                device.status = act.status
                device.statusBy = plan.person
                facts.append(.identityChanged(device))
            }
            facts += keys + act.ending(device.id, keys, at: now)
        }
        for key in try await held(by: plan.person).keys where !plan.keptKeys.contains(key) {
            guard plan.lostKeys.contains(key) else {
                facts.append(.keyChanged(key, .suspended))
                continue
            }
            facts += [
                .keyChanged(key, .compromised),
                .revoked(Revocation(target: .key(key), reason: EventAction.deviceLost.rawValue, at: now)),
            ]
        }
        do {
            facts += try await passkeys.passkeys(of: plan.person).map {
                .passkeyRemoved($0.id, of: plan.person)
            }
        } catch {
            throw .store(error)
        }
        return (facts, former)
    }
}

extension RecoveryPlan {
    /// What makes it last, but for the session.
    func beginning(
        _ key: PublicKey, after former: Fingerprint?, at now: UnixTime, from source: String
    ) -> [Fact] {
        let registered = RegisteredKey(
            publicKey: key, identity: device.id, purpose: .authenticate, origin: KeyOrigin.recovery,
            createdAt: now, predecessor: former)
        return facts + (isNewDevice ? [.identityAdded(device)] : []) + [
            .keyRegistered(registered),
            .noticed(person, Notice(.recovered, at: now, source: source)),
        ]
    }

    var details: [String: EventValue] {
        var details: [String: EventValue] = ["by": .text(grounds.text)]
        if !isNewDevice { details["replaced"] = .text(device.id.description) }
        let lost = lostDevices.map(\.description).sorted() + lostKeys.map(\.description).sorted()
        if !lost.isEmpty { details["lost"] = .list(lost) }
        let kept = keptDevices.map(\.description).sorted() + keptKeys.map(\.description).sorted()
        if !kept.isEmpty { details["kept"] = .list(kept) }
        switch grounds {
        case .vouched(_, let vouchers):
            if !vouchers.isEmpty { details["approvedBy"] = .list(vouchers.map(\.description).sorted()) }
        case .code(let left): details["recoveryCodesLeft"] = .number(UInt64(max(0, left)))
        }
        return details
    }
}
