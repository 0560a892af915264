/// Which attributes an answer has (RFC 7644 §3.4.2.5, §3.9).
package struct SCIMProjection: Sendable {
    static let most = 64

    private enum Choice { case all, only([SCIMTarget]), without([SCIMTarget]) }
    private let choice: Choice

    /// - Parameters: Names of attributes; both empty for all.
    /// - Throws: ``SCIMError``
    package init(
        only: [String], without: [String], of types: [SCIMResourceType]
    ) throws(SCIMError) {
        guard only.isEmpty || without.isEmpty else {
            throw .invalid(.invalidValue, "attributes or excludedAttributes, not both")
        }
        guard only.count + without.count <= SCIMProjection.most else {
            throw .invalid(.invalidValue, "at most \(SCIMProjection.most) attributes")
        }
        let named = (only + without).flatMap { name in types.flatMap { $0.targets(name) } }
        choice = only.isEmpty ? (without.isEmpty ? .all : .without(named)) : .only(named)
    }

    package func applied(to resource: JSONValue) -> JSONValue {
        switch choice {
        case .all: resource.withoutExtension
        case .only(let targets):
            targets.contains { $0.extensionSchema != nil }
                ? .object(resource.fields.compactMap { kept($0, targets) })
                : .object(resource.withoutExtension.fields.compactMap { kept($0, targets) })
        case .without(let targets):
            .object(resource.withoutExtension.fields.compactMap { left($0, targets) })
        }
    }

    private static let always: Set = ["schemas", "id"]

    private func kept(_ field: JSONValue.Field, _ targets: [SCIMTarget]) -> JSONValue.Field? {
        guard !SCIMProjection.always.contains(field.key) else { return field }
        let meant = targets.filter { ($0.extensionSchema ?? $0.attribute.name) == field.key }
        guard !meant.isEmpty else { return nil }
        let whole = meant.contains { $0.part == nil && $0.extensionSchema == nil }
        guard !whole else { return field }
        let names = Set(meant.compactMap { $0.extensionSchema == nil ? $0.part?.name : $0.attribute.name })
        return JSONValue.Field(key: field.key, value: field.value.keeping { names.contains($0) })
    }

    private func left(_ field: JSONValue.Field, _ targets: [SCIMTarget]) -> JSONValue.Field? {
        guard !SCIMProjection.always.contains(field.key) else { return field }
        let meant = targets.filter { ($0.extensionSchema ?? $0.attribute.name) == field.key }
        guard !meant.contains(where: { $0.part == nil && $0.extensionSchema == nil }) else { return nil }
        let names = Set(meant.compactMap { $0.extensionSchema == nil ? $0.part?.name : $0.attribute.name })
        return JSONValue.Field(key: field.key, value: field.value.keeping { !names.contains($0) })
    }
}

extension SCIMResourceType {
    /// What a name means: an attribute, or all of what Keyreeve says beyond the standard.
    fileprivate func targets(_ name: String) -> [SCIMTarget] {
        if let own = extensionSchema, name.lowercased() == own.lowercased() {
            return extensionAttributes.map {
                SCIMTarget(extensionSchema: own, attribute: $0, part: nil)
            }
        }
        guard case .known(let target) = named(name) else { return [] }
        return [target]
    }
}

extension JSONValue {
    /// What Keyreeve says beyond the standard is shown to those who ask for it.
    fileprivate var withoutExtension: JSONValue {
        guard self[SCIMResourceType.keyreeve] != nil else { return self }
        let schemas = (self["schemas"]?.elements ?? []).filter { $0 != .string(SCIMResourceType.keyreeve) }
        return setting(SCIMResourceType.keyreeve, nil).setting("schemas", .array(schemas))
    }

    /// The members by these names, of the object or of each in the list.
    fileprivate func keeping(_ isKept: (String) -> Bool) -> JSONValue {
        switch self {
        case .object(let fields): .object(fields.filter { isKept($0.key) })
        case .array(let elements): .array(elements.map { $0.keeping(isKept) })
        case .null, .bool, .number, .string: self
        }
    }
}

/// What a list is asked for (RFC 7644 §3.4.2), in a query or in a message.
package struct SCIMSearch: Sendable {
    package static let schema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
    package static let listSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
    /// Resources in one answer.
    package static let most = 500

    package var filter: String?
    package var sortBy: String?
    package var isDescending = false
    package var startIndex = 1
    package var count = SCIMSearch.most
    package var attributes: [String] = []
    package var excludedAttributes: [String] = []

    package init() {}

    /// - Throws: ``SCIMError``
    package init(query: [(name: String, value: String)]) throws(SCIMError) {
        for (name, value) in query {
            switch name.lowercased() {
            case "filter": filter = value
            case "sortby": sortBy = value
            case "sortorder": isDescending = try SCIMSearch.isDescending(value)
            case "startindex": startIndex = try SCIMSearch.number("startIndex", value, least: 1)
            case "count": count = min(try SCIMSearch.number("count", value, least: 0), SCIMSearch.most)
            case "attributes": attributes = SCIMSearch.names(value)
            case "excludedattributes": excludedAttributes = SCIMSearch.names(value)
            // What nobody knows changes nothing, e.g. Entra's feature flags.
            default: break
            }
        }
    }

    /// - Throws: ``SCIMError``
    package init(message: JSONValue) throws(SCIMError) {
        let schemas = (message.attribute("schemas")?.elements ?? []).compactMap { $0.text?.lowercased() }
        guard schemas.contains(SCIMSearch.schema.lowercased()) else {
            throw .invalid(.invalidSyntax, "schemas: \(SCIMSearch.schema) is missing")
        }
        var query: [(name: String, value: String)] = []
        for field in message.fields where field.key.lowercased() != "schemas" {
            switch field.value {
            case .string(let text), .number(let text): query.append((field.key, text))
            case .array(let elements):
                query.append((field.key, elements.compactMap(\.text).joined(separator: ",")))
            case .null: break
            case .bool, .object: throw .invalid(.invalidSyntax, "\(field.key.prefix(64)): of another type")
            }
        }
        try self.init(query: query)
    }

    private static func names(_ value: String) -> [String] {
        value.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
    }

    private static func isDescending(_ value: String) throws(SCIMError) -> Bool {
        switch value.lowercased() {
        case "ascending": false
        case "descending": true
        default: throw .invalid(.invalidValue, "sortOrder: ascending or descending")
        }
    }

    /// What is less than the least counts as that (RFC 7644 §3.4.2.4).
    private static func number(_ name: String, _ text: String, least: Int) throws(SCIMError) -> Int {
        guard let number = Int(text) else { throw .invalid(.invalidValue, "\(name): a whole number") }
        return max(number, least)
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var rest = self
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
