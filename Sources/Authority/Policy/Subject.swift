package import Names
import SSHFormats

/// Who asks, as far as a policy cares: the identity, its device, and the factors that it has shown.
package struct Subject: Hashable, Sendable {
    package let identity: Identity
    package let device: Identity?
    package let factors: ProvenFactors
    /// Groups that others vouch for, those of the identity unless told; they count only where the policy declares them
    /// `external`.
    package var externalGroups: Set<Name>
    /// Whether the front door asks for them.
    package let isThroughDoor: Bool

    package init(
        identity: Identity, device: Identity? = nil, factors: ProvenFactors = [:],
        externalGroups: Set<Name>? = nil, isThroughDoor: Bool = false
    ) {
        self.isThroughDoor = isThroughDoor
        self.identity = identity
        self.device = device
        self.factors = factors
        self.externalGroups = externalGroups ?? identity.groups
    }

    package init(_ requester: Requester) {
        self.init(
            identity: requester.identity, device: requester.device, factors: requester.factors,
            isThroughDoor: requester.isThroughDoor)
    }

    /// Whether identity and device, if there is one, may act at all.
    package var isActive: Bool { identity.status == .active && (device.map { $0.status == .active } ?? true) }

    /// Whether the device is an enrolled one of this very person.
    package var hasEnrolledDevice: Bool {
        guard let device else { return false }
        return device.id.kind == .device && device.status == .active && device.owner == identity.id
    }

    /// What `$self` stands for; nil for all but persons, and never `root`.
    package var ownLogin: Login? {
        guard identity.id.kind == .person, let login = identity.attributes.login, !login.isRoot else {
            return nil
        }
        return login
    }

    /// Whether grants can be for such an identity at all: persons and services, not devices and hosts.
    var isGrantable: Bool { identity.id.kind == .person || identity.id.kind == .service }

    /// How long ago the factor was shown, in seconds; nil if it was not. A time ahead of the clock by more
    /// than a minute is not believed.
    func age(of factor: Factor, at now: UnixTime) -> UInt64? {
        guard let shown = factors[factor], shown <= now.advanced(by: 60) else { return nil }
        return shown < now ? now.seconds - shown.seconds : 0
    }

    func meets(_ requirement: FactorRequirement, at now: UnixTime) -> Bool {
        guard let age = age(of: requirement.factor, at: now) else { return false }
        return requirement.maxAge.map { age <= $0 } ?? true
    }
}
