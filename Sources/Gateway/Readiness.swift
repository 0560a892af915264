/// What is not as it should be.
package struct Degradation: Hashable, Sendable {
    package enum Effect: String, Hashable, Sendable {
        /// Everything still works, with less safety or speed than planned.
        case works
        /// Requests fail because of it.
        case fails
    }
    package let effect: Effect
    /// A sentence for whoever operates the server; no secret.
    package let reason: String

    package init(_ effect: Effect, _ reason: String) {
        self.effect = effect
        self.reason = reason
    }
}

/// One thing that readiness depends on. `isReady` answers within a second, nil where all is well.
package struct ReadinessCheck: Sendable {
    package let name: String
    package let isReady: @Sendable () async -> Degradation?

    package init(_ name: String, isReady: @escaping @Sendable () async -> Degradation?) {
        self.name = name
        self.isReady = isReady
    }
}

/// What `/readyz` says.
struct ReadinessReply: Encodable, Hashable, Sendable {
    struct Degraded: Encodable, Hashable, Sendable {
        let name: String
        let effect: String
        let reason: String
    }

    let ready: Bool
    let degraded: [Degraded]

    init(_ checks: [ReadinessCheck]) async {
        var degraded: [Degraded] = []
        var ready = true
        for check in checks {
            guard let found = await check.isReady() else { continue }
            ready = ready && found.effect == .works
            degraded.append(Degraded(name: check.name, effect: found.effect.rawValue, reason: found.reason))
        }
        self.ready = ready
        self.degraded = degraded
    }
}
