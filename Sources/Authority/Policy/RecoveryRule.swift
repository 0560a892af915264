import Names

/// How persons come back who lost their factors. Where a policy says nothing of it, only by a recovery code.
package struct RecoveryRule: Hashable, Sendable {
    /// Fewer colleagues could be one who was talked into it.
    static let fewest: UInt64 = 2
    package static let none = RecoveryRule(byDevice: false, colleagues: nil)

    /// Whether a device of theirs, on which they are signed in, lets them back in.
    package let byDevice: Bool
    /// Who else vouches for them, and how many of those.
    package let colleagues: Approval?
}

extension PolicyReader {
    /// `{device: true, by: group:leads, count: 2}`; each part may be left out.
    mutating func recovery(_ value: PolicyValue?, _ groups: PolicyGroups) -> RecoveryRule {
        guard let value, let fields = fields(value, optional: ["device", "by", "count"]) else { return .none }
        if fields.isEmpty { note(value, "lacks `device` or `by`") }
        let device = fields["device"].flatMap { flag($0) } ?? false
        let count = fields["count"].map { number($0, atMost: 16) } ?? RecoveryRule.fewest
        if let field = fields["count"], fields["by"] == nil { note(field, "means nothing without `by`") }
        if let field = fields["count"], let count, count < RecoveryRule.fewest {
            note(field, "one alone vouches for nobody: at least \(RecoveryRule.fewest)")
        }
        guard let by = fields["by"].flatMap({ group($0, groups) }), let count else {
            return RecoveryRule(byDevice: device, colleagues: nil)
        }
        return RecoveryRule(byDevice: device, colleagues: Approval(by: by, count: count))
    }
}
