/// Which resources are meant (RFC 7644 §3.4.2.2).
package indirect enum SCIMFilter: Hashable, Sendable {
    package enum Comparison: String, Hashable, Sendable, CaseIterable {
        case eq, ne, co, sw, ew, gt, ge, lt, le
    }

    case and(SCIMFilter, SCIMFilter)
    case or(SCIMFilter, SCIMFilter)
    case not(SCIMFilter)
    case present(SCIMTarget)
    case compare(SCIMTarget, Comparison, JSONValue)
    /// `emails[type eq "work"]`: one value for which all of it holds.
    case element(SCIMTarget, SCIMFilter)

    package func matches(_ resource: JSONValue) -> Bool {
        switch self {
        case .and(let one, let other): one.matches(resource) && other.matches(resource)
        case .or(let one, let other): one.matches(resource) || other.matches(resource)
        case .not(let filter): !filter.matches(resource)
        case .present(let target): target.values(in: resource).contains { !$0.isUnassigned }
        case .compare(let target, .ne, let value):
            !target.values(in: resource).contains { target.holds($0, .eq, value) }
        case .compare(let target, let comparison, let value):
            target.values(in: resource).contains { target.holds($0, comparison, value) }
        case .element(let target, let filter):
            target.elements(in: resource).contains { filter.matches($0) }
        }
    }

    /// What the value of an attribute must be, where the filter asks for nothing else.
    package func soleValue(of name: String) -> String? {
        guard case .compare(let target, .eq, .string(let text)) = self, target.part == nil,
            target.attribute.name == name
        else { return nil }
        return text
    }

    /// The attributes that an element must have, where the filter is nothing but `eq` and `and`.
    package var equalities: [(String, JSONValue)]? {
        switch self {
        case .compare(let target, .eq, let value): [(target.attribute.name, value)]
        case .and(let one, let other):
            one.equalities.flatMap { first in other.equalities.map { first + $0 } }
        case .or, .not, .present, .compare, .element: nil
        }
    }
}

/// An attribute, or a part of one, that a filter or a path names.
package struct SCIMTarget: Hashable, Sendable {
    /// The schema that its value stands below; nil for attributes of the resource itself.
    package let extensionSchema: String?
    package let attribute: SCIMAttribute
    package let part: SCIMAttribute?

    /// What says how values are compared.
    private var compared: SCIMAttribute { part ?? attribute.part("value") ?? attribute }

    /// The values of a complex attribute with many, one by one.
    func elements(in resource: JSONValue) -> [JSONValue] {
        let home = extensionSchema.map { resource.attribute($0) ?? .null } ?? resource
        guard let value = home.attribute(attribute.name) else { return [] }
        if case .array(let elements) = value { return elements }
        return [value]
    }

    /// A complex value stands for its `value` where no part is named.
    func values(in resource: JSONValue) -> [JSONValue] {
        elements(in: resource).compactMap { element in
            if let part { return element.attribute(part.name) }
            guard attribute.kind == .complex, attribute.part("value") != nil else { return element }
            return element.attribute("value")
        }
    }

    func holds(_ value: JSONValue, _ comparison: SCIMFilter.Comparison, _ wanted: JSONValue) -> Bool {
        switch (value, wanted) {
        case (.string(let text), .string(let wanted)):
            compared.kind == .dateTime
                ? SCIMTarget.holds(SCIMTime.seconds(text), comparison, SCIMTime.seconds(wanted))
                : SCIMTarget.holds(folded(text), comparison, folded(wanted))
        case (.bool(let flag), .bool(let wanted)): comparison == .eq && flag == wanted
        // Entra writes "True" where a boolean belongs.
        case (.bool(let flag), .string(let wanted)):
            comparison == .eq && wanted.lowercased() == (flag ? "true" : "false")
        default: comparison == .eq && value == wanted
        }
    }

    private func folded(_ text: String) -> String { compared.isCaseExact ? text : text.lowercased() }

    private static func holds(_ text: String, _ comparison: SCIMFilter.Comparison, _ wanted: String) -> Bool {
        switch comparison {
        case .eq: text == wanted
        case .ne: text != wanted
        case .co: text.contains(wanted)
        case .sw: text.hasPrefix(wanted)
        case .ew: text.hasSuffix(wanted)
        case .gt: wanted.utf8.lexicographicallyPrecedes(text.utf8)
        case .ge: !text.utf8.lexicographicallyPrecedes(wanted.utf8)
        case .lt: text.utf8.lexicographicallyPrecedes(wanted.utf8)
        case .le: !wanted.utf8.lexicographicallyPrecedes(text.utf8)
        }
    }

    private static func holds(
        _ moment: Double?, _ comparison: SCIMFilter.Comparison, _ wanted: Double?
    ) -> Bool {
        guard let moment, let wanted else { return false }
        switch comparison {
        case .eq: return moment == wanted
        case .ne: return moment != wanted
        case .gt: return moment > wanted
        case .ge: return moment >= wanted
        case .lt: return moment < wanted
        case .le: return moment <= wanted
        case .co, .sw, .ew: return false
        }
    }
}

extension JSONValue {
    /// Nothing at all, which is the same as an empty list (RFC 7643 §2.5).
    package var isUnassigned: Bool {
        switch self {
        case .null: true
        case .array(let elements): elements.isEmpty
        case .object(let fields): fields.isEmpty
        case .bool, .number, .string: false
        }
    }
}

extension SCIMTarget {
    /// What resources are sorted by; nil where they have no such value. Of many values the primary one counts.
    package func sortKey(of resource: JSONValue) -> String? {
        let elements = elements(in: resource)
        let primary = elements.first { $0["primary"] == .bool(true) } ?? elements.first
        let name = part?.name ?? "value"
        let value = primary.flatMap { element -> JSONValue? in
            if case .object = element { element.attribute(name) } else { element }
        }
        switch value {
        case .string(let text)?: return folded(text)
        case .bool(let flag)?: return flag ? "1" : "0"
        case .number(let text)?: return text
        case .null?, .array?, .object?, nil: return nil
        }
    }
}
