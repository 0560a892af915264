import Names
import SignIn
import TOMLKit

extension ClaimRules {
    private static let most = 256

    /// - Returns: The rules of one `[[oidc]]`, and all that is wrong with them, with the path of each.
    static func read(
        _ table: TOMLTable, groupsClaim: String?, at path: String
    ) -> (rules: ClaimRules, faults: [String]) {
        var (rules, faults) = (ClaimRules(), [String]())
        rules.groupsClaim = groupsClaim
        if let value = table["groups"] {
            let entries = value.array.map { Array($0.prefix(most + 1)) } ?? []
            if value.array == nil || entries.count > most {
                faults.append("\(path).groups: expected a list of at most \(most) rules")
            }
            for (index, entry) in entries.enumerated() {
                if let rule = groupRule(entry.table) {
                    rules.groups.append(rule)
                } else {
                    faults.append("\(path).groups[\(index)]: expected { claim, value, group }, three texts")
                }
            }
        }
        func name(_ key: String) -> NameRule? {
            guard let value = table[key] else { return nil }
            if let rule = nameRule(value.table) { return rule }
            faults.append("\(path).\(key): expected { claim } or { claim, without }, texts")
            return nil
        }
        rules.login = name("login_from")
        rules.name = name("name_from")
        if let create = table["create"], create.bool == nil {
            faults.append("\(path).create: expected true or false")
        }
        let creates = table["create"]?.bool ?? false
        if creates != (table["name_from"] != nil) {
            faults.append("\(path).name_from: belongs to create = true, and it to name_from")
        }
        return (rules, faults)
    }

    private static func groupRule(_ table: TOMLTable?) -> GroupRule? {
        guard let table, Set(table.keys) == ["claim", "value", "group"], let claim = text(table, "claim"),
            let value = text(table, "value"), let group = text(table, "group").flatMap({ try? Name($0) })
        else { return nil }
        return GroupRule(claim: claim, value: value, group: group)
    }

    private static func nameRule(_ table: TOMLTable?) -> NameRule? {
        guard let table, Set(table.keys).isSubset(of: ["claim", "without"]), let claim = text(table, "claim")
        else { return nil }
        guard table["without"] != nil else { return NameRule(claim: claim) }
        guard let without = text(table, "without") else { return nil }
        return NameRule(claim: claim, without: without)
    }

    /// Not empty, at most 256 bytes.
    private static func text(_ table: TOMLTable, _ key: String) -> String? {
        table[key]?.string.flatMap { (1...256).contains($0.utf8.count) ? $0 : nil }
    }
}
