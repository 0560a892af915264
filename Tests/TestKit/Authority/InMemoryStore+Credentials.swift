package import Authority
package import Names
import SSHFormats

extension InMemoryStore: Credentials {
    package func sealedSecret(of id: IdentityID, _ factor: Factor) -> [UInt8]? {
        contents.secrets.first { $0.id == id && $0.factor == factor }?.sealed
    }

    package func recoveryCodes(of id: IdentityID) -> [[UInt8]] {
        (contents.codes[id] ?? []).sorted { $0.lexicographicallyPrecedes($1) }
    }

    package func link(tokenHash: [UInt8]) -> EnrolmentLink? {
        contents.links.first { $0.tokenHash == tokenHash }
    }

    package func reserve(_ attempt: Attempt, limits: AttemptLimits) -> AttemptVerdict {
        let mine = attempts.filter {
            $0.attempt.account == attempt.account && $0.attempt.factor == attempt.factor
        }
        let today = mine.filter { $0.attempt.at.seconds / 86_400 == attempt.at.seconds / 86_400 }
        let failures = mine.filter {
            $0.attempt.source == attempt.source && !$0.isCleared
                && $0.attempt.at.advanced(by: 86_400) > attempt.at
        }
        var until = UnixTime(0)
        if today.count >= limits.perDay { until = UnixTime((attempt.at.seconds / 86_400 + 1) * 86_400) }
        if failures.count >= limits.perSource, let last = failures.map(\.attempt.at).max() {
            var delay = limits.firstDelay
            for _ in limits.perSource..<failures.count { delay = min(delay * 2, limits.longestDelay) }
            until = max(until, last.advanced(by: Int64(delay)))
        }
        guard attempt.at >= until else { return .locked(until: until) }
        attempts.append((attempt, false))
        return .reserved
    }

    package func settle(_ attempt: Attempt, _ outcome: AttemptOutcome) {
        let place = attempts.firstIndex { $0.attempt == attempt && !$0.isCleared }
        if let place = place ?? attempts.firstIndex(where: { $0.attempt == attempt }) {
            attempts.remove(at: place)
        }
        guard outcome == .succeeded else { return }
        for place in attempts.indices {
            let other = attempts[place].attempt
            guard other.account == attempt.account, other.factor == attempt.factor,
                other.source == attempt.source
            else { continue }
            attempts[place].isCleared = true
        }
    }
}
