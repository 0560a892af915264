extension SCIMResourceType {
    /// Characters of one text.
    static let longestText = 1_024
    /// Values of one attribute, but for members.
    static let mostValues = 32
    /// Members of one group.
    package static let mostMembers = 10_000

    /// A resource as a client sent it, with the names of its attributes as the schema has them, and what only the server
    /// sets left out. What is not kept here is left out too (RFC 7644 §3.3).
    ///
    /// - Throws: ``SCIMError``
    package func read(_ sent: JSONValue) throws(SCIMError) -> JSONValue {
        guard case .object(let fields) = sent else {
            throw .invalid(.invalidSyntax, "a resource is an object")
        }
        let schemas = (sent.attribute("schemas")?.elements ?? []).compactMap { $0.text?.lowercased() }
        guard schemas.contains(schema.lowercased()) else {
            throw .invalid(.invalidValue, "schemas: \(schema) is missing")
        }
        return try SCIMResourceType.read(fields, attributes + Self.common, at: "")
    }

    private static func read(
        _ fields: [JSONValue.Field], _ known: [SCIMAttribute], at place: String
    ) throws(SCIMError) -> JSONValue {
        var found: [String: JSONValue] = [:]
        for field in fields {
            guard let attribute = known.named(field.key), attribute.mutability != .readOnly else { continue }
            guard found[attribute.name] == nil else {
                throw .invalid(.invalidSyntax, "\(place)\(attribute.name): there twice")
            }
            found[attribute.name] = try attribute.read(field.value, at: place)
        }
        return .members(
            known.map { ($0.name, found[$0.name].flatMap { $0.isUnassigned ? nil : $0 }) })
    }

    fileprivate static func part(
        _ fields: [JSONValue.Field], of attribute: SCIMAttribute, at place: String
    ) throws(SCIMError) -> JSONValue {
        try read(fields, attribute.parts, at: "\(place)\(attribute.name).")
    }
}

extension SCIMAttribute {
    /// A value of the attribute as the schema wants it; `.null` where it is none.
    package func read(_ value: JSONValue, at place: String = "") throws(SCIMError) -> JSONValue {
        guard isMultiValued else { return try one(value, at: place) }
        guard !value.isUnassigned else { return .array([]) }
        let most = name == "members" ? SCIMResourceType.mostMembers : SCIMResourceType.mostValues
        let elements = value.isList ? value.elements : [value]
        guard elements.count <= most else {
            throw .invalid(.invalidValue, "\(place)\(name): more than \(most) values")
        }
        var read: [JSONValue] = []
        for element in elements {
            // Some clients send a text where a value with parts belongs.
            let element = element.text.map { JSONValue.members([("value", .string($0))]) } ?? element
            let one = try one(element, at: place)
            if !one.isUnassigned { read.append(one) }
        }
        guard read.count(where: { $0["primary"] == .bool(true) }) <= 1 else {
            throw .invalid(.invalidValue, "\(place)\(name): more than one is primary")
        }
        return .array(read)
    }

    private func one(_ value: JSONValue, at place: String) throws(SCIMError) -> JSONValue {
        switch (kind, value) {
        case (_, .null): return .null
        case (.complex, .object(let fields)):
            return try SCIMResourceType.part(fields, of: self, at: place)
        case (.boolean, .bool): return value
        // Entra writes "True" and "False".
        case (.boolean, .string(let text)) where ["true", "false"].contains(text.lowercased()):
            return .bool(text.lowercased() == "true")
        case (.string, .string(let text)), (.reference, .string(let text)), (.dateTime, .string(let text)):
            guard !text.isEmpty else { return .null }
            guard text.unicodeScalars.count <= SCIMResourceType.longestText,
                text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            else {
                throw .invalid(
                    .invalidValue,
                    "\(place)\(name): at most \(SCIMResourceType.longestText) characters, no control characters"
                )
            }
            return value
        default: throw .invalid(.invalidValue, "\(place)\(name): not a \(kind.rawValue)")
        }
    }
}

extension JSONValue {
    package var isList: Bool {
        if case .array = self { true } else { false }
    }
}
