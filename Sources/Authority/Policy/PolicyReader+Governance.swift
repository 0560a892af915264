extension PolicyReader {
    /// Every rule: as the document sets it, or as it stands where the document says nothing.
    mutating func governance(_ value: PolicyValue?) -> [GovernanceRule: GovernanceSetting] {
        var settings = Dictionary(uniqueKeysWithValues: GovernanceRule.allCases.map { ($0, $0.standard) })
        guard let value, let fields = fields(value, optional: GovernanceRule.allCases.map(\.rawValue)) else {
            return settings
        }
        for rule in GovernanceRule.allCases {
            guard let field = fields[rule.rawValue] else { continue }
            settings[rule] = setting(field, of: rule)
        }
        return settings
    }

    /// `lock`, or `{do: lock, after: 90d}` where the rule is about age, `{do: lock, count: 5}` where it counts.
    private mutating func setting(_ value: PolicyValue, of rule: GovernanceRule) -> GovernanceSetting {
        var setting = rule.standard
        if case .text = value.content {
            setting.measure = word(value, GovernanceMeasure.self) ?? setting.measure
            return setting
        }
        let optional = [setting.after.map { _ in "after" }, setting.count.map { _ in "count" }].compactMap(
            \.self)
        guard let fields = fields(value, required: ["do"], optional: optional) else { return setting }
        if let measure = fields["do"] {
            setting.measure = word(measure, GovernanceMeasure.self) ?? setting.measure
        }
        if let after = fields["after"] {
            setting.after = duration(after, atMost: 3_650 * 86_400) ?? setting.after
        }
        if let count = fields["count"] { setting.count = number(count, atMost: 1_000_000) ?? setting.count }
        return setting
    }
}
