package import Names
import SSHFormats

/// What is done to a device. The raw values are those of the API.
package enum DeviceAct: String, Hashable, Sendable, CaseIterable {
    /// For a while: its sessions and certificates end, its keys are suspended.
    case suspend
    case resume
    /// For good, where nobody else has it: its keys are deactivated.
    case retire
    /// For good, where somebody else may have it: its keys are compromised and revoked.
    case lost

    var status: IdentityStatus {
        switch self {
        case .suspend: .suspended
        case .resume: .active
        case .retire, .lost: .retired
        }
    }

    var keyState: KeyState { self == .lost ? .compromised : status.keyState }

    var action: EventAction {
        switch self {
        case .suspend: .identitySuspended
        case .resume: .identityResumed
        case .retire: .identityRetired
        case .lost: .deviceLost
        }
    }

    /// Sessions and certificates of a device that stops being active; whoever has a lost one has its key too.
    func ending(_ device: IdentityID, _ keys: [Fact], at now: UnixTime) -> [Fact] {
        guard self != .resume else { return [] }
        let revoked = keys.compactMap { fact -> Fact? in
            guard self == .lost, case .keyChanged(let key, _) = fact else { return nil }
            return .revoked(Revocation(target: .key(key), reason: action.rawValue, at: now))
        }
        return [
            .sessionsEnded(of: device, at: now),
            .revoked(Revocation(target: .identity(device), reason: action.rawValue, at: now)),
        ] + revoked
    }
}

/// A device with its keys and its running sessions.
package struct DeviceFound: Sendable {
    package let identity: Identity
    package let keys: [RegisteredKey]
    package let sessions: Int
}

/// Looks after devices: everybody's own, and the helpdesk all.
package struct DeviceDesk: Sendable {
    let directory: any Directory
    let inventory: any Inventory
    let sessions: SessionDesk
    let policies: PolicyDesk
    let recorder: Recorder

    /// - Parameter owner: nil asks for the requester's; others only with a role on the authority.
    package func list(
        of owner: IdentityID?, by requester: Requester
    ) async throws(AuthorityError) -> [DeviceFound] {
        if let owner, owner != requester.identity.id {
            let (_, policy) = try await policies.current()
            try await policies.readWithAnyRole(requester, on: "devices of \(owner)", policy: policy)
        }
        let devices: [Identity]
        do { devices = try await inventory.devices(of: owner ?? requester.identity.id) } catch {
            throw .store(error)
        }
        return try await found(devices, of: owner ?? requester.identity.id)
    }

    /// One device.
    ///
    /// - Throws: `.refused(.notFound)` to strangers, whether there is such a device or not.
    package func show(
        _ id: IdentityID, by requester: Requester
    ) async throws(AuthorityError) -> DeviceFound {
        let device: Identity?
        do { device = id.kind == .device ? try await directory.identity(id) : nil } catch {
            throw .store(error)
        }
        if device?.owner != requester.identity.id {
            try await policies.readOne(.helpdesk, requester, on: id.description, exists: device != nil)
        }
        guard let device, let owner = device.owner,
            let found = try await found([device], of: owner).first
        else { throw .refused(.notFound, "\(id)") }
        return found
    }

    private func found(
        _ devices: [Identity], of owner: IdentityID
    ) async throws(AuthorityError) -> [DeviceFound] {
        let running = try await sessions.running(of: owner)
        var found: [DeviceFound] = []
        for device in devices {
            let keys: [RegisteredKey]
            do { keys = try await directory.keys(of: device.id) } catch { throw .store(error) }
            found.append(
                DeviceFound(
                    identity: device, keys: keys, sessions: running.count { $0.device == device.id }))
        }
        return found
    }

    /// - Throws: `.refused(.notFound)` to strangers, whether there is such a device or not.
    package func act(
        _ act: DeviceAct, on id: IdentityID, reason: String, by requester: Requester, once: Once<Identity>
    ) async throws(AuthorityError) -> Outcome<Identity> {
        try await policies.turns.take { (unmoved) async throws(AuthorityError) in
            try await actAlone(act, on: id, reason, unmoved, by: requester, once: once)
        }
    }

    private func actAlone(
        _ act: DeviceAct, on id: IdentityID, _ reason: String, _ unmoved: Fact, by requester: Requester,
        once: Once<Identity>
    ) async throws(AuthorityError) -> Outcome<Identity> {
        let now = recorder.world.now()
        let event = Event(
            act.action, by: requester, on: id.description, at: now,
            details: reason.isEmpty ? [:] : ["reason": .text(reason)])
        let found: Identity?
        do { found = id.kind == .device ? try await directory.identity(id) : nil } catch {
            throw .store(error)
        }
        try await authorize(act, found, id, event, requester)
        guard var device = found else { throw await recorder.deny(Refused(.notFound, "\(id)"), event) }
        let keys = try await directory.keyChanges(of: id, to: act.keyState)
        let isLostLater = act == .lost && device.status == .retired && !keys.isEmpty
        guard device.status.mayBecome(act.status) || isLostLater else {
            throw await recorder.deny(
                Refused(.stateChange, "\(id) is \(device.status.rawValue)"), event)
        }
        device.status = act.status
        device.statusBy = requester.identity.id
        return try await recorder.record(
            [unmoved, .identityChanged(device)] + keys + act.ending(device.id, keys, at: now)
                + notices(device, requester, now), event, device, once: once)
    }

    /// The owner hears of what others do.
    private func notices(_ device: Identity, _ requester: Requester, _ now: UnixTime) -> [Fact] {
        guard device.status != .active, let owner = device.owner, owner != requester.identity.id else {
            return []
        }
        return [.noticed(owner, Notice(.deviceEnded, at: now, source: requester.source))]
    }

    private func authorize(
        _ act: DeviceAct, _ device: Identity?, _ id: IdentityID, _ event: Event, _ requester: Requester
    ) async throws(AuthorityError) {
        let (_, policy) = try await policies.current()
        guard let device, device.owner == requester.identity.id else {
            try await policies.authorizeOne(.helpdesk, requester, event, policy: policy)
            // Nothing to an admin's device.
            guard let owner = device?.owner,
                let refused = try await directory.whyAbove(requester, owner, policy)
            else { return }
            throw await recorder.deny(refused, event)
        }
        guard act == .resume else { return }
        guard (device.statusBy ?? requester.identity.id) == requester.identity.id else {
            throw await recorder.deny(Refused(.adminRequired, "\(id) was suspended by somebody else"), event)
        }
        try await policies.requireFresh(requester, event)
    }
}
