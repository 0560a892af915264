/// How many workers each source may still have: it fills up by the second, and whoever misbehaves goes below zero.
package struct SourceAllowances: Sendable {
    private struct Allowance {
        var left: Double
        /// Seconds of the monotonic clock.
        var at: Double
    }

    private let limits: DoorLimits
    private var allowances: [String: Allowance] = [:]

    package init(_ limits: DoorLimits) { self.limits = limits }

    package var count: Int { allowances.count }

    /// Seconds until this source may have a worker; 0: now.
    package func wait(_ source: String, now: Double) -> Double {
        let left = left(source, now)
        return left >= 1 ? 0 : (1 - left) / limits.workersPerSecond
    }

    package mutating func spend(_ cost: Double, by source: String, now: Double) {
        let floor = -limits.longestPenalty * limits.workersPerSecond
        if allowances.count >= limits.mostSources, allowances[source] == nil { forget(now) }
        allowances[source] = Allowance(left: max(left(source, now) - cost, floor), at: now)
    }

    private func left(_ source: String, _ now: Double) -> Double {
        guard let held = allowances[source] else { return limits.workersAtOnce }
        return min(held.left + max(now - held.at, 0) * limits.workersPerSecond, limits.workersAtOnce)
    }

    /// Those that have all again need not be remembered. Where that frees nothing, somebody uses countless addresses: what
    /// one of them did says little then.
    private mutating func forget(_ now: Double) {
        allowances = allowances.filter { left($0.key, now) < limits.workersAtOnce }
        if allowances.count >= limits.mostSources { allowances.removeAll(keepingCapacity: true) }
    }
}

/// Whom an address counts for: an IPv4 address itself, an IPv6 address its /64.
package enum DoorSource {
    package static func of(_ address: String) -> String {
        guard address.utf8.contains(UInt8(ascii: ":")) else { return address }
        let bare = address.prefix { $0 != "%" }
        let halves = bare.components(by: "::")
        let head = halves[0].split(separator: ":").map(String.init)
        let tail = halves.count > 1 ? halves[1].split(separator: ":").map(String.init) : []
        let gap = halves.count > 1 ? max(8 - head.count - tail.count, 0) : 0
        let groups = head + [String](repeating: "0", count: gap) + tail
        return groups.prefix(4).joined(separator: ":") + "::/64"
    }
}

extension Substring {
    /// The parts before and after the first `separator`; one part without it.
    fileprivate func components(by separator: String) -> [Substring] {
        guard let range = firstRange(of: separator) else { return [self] }
        return [self[..<range.lowerBound], self[range.upperBound...]]
    }
}
