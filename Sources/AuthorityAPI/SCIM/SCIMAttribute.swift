/// What a schema says of one attribute (RFC 7643 §7).
package struct SCIMAttribute: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable { case string, boolean, reference, dateTime, complex }
    package enum Mutability: String, Hashable, Sendable { case readWrite, readOnly, immutable }

    package let name: String
    package var kind = Kind.string
    package var isMultiValued = false
    package var isRequired = false
    package var isCaseExact = false
    package var mutability = Mutability.readWrite
    /// Whether an answer has it that asks for other attributes.
    package var isAlwaysReturned = false
    package var isUnique = false
    package var canonicalValues: [String] = []
    package var referenceTypes: [String] = []
    package var parts: [SCIMAttribute] = []
    package let description: String

    package init(_ name: String, _ description: String, _ adjust: (inout SCIMAttribute) -> Void = { _ in }) {
        self.name = name
        self.description = description
        adjust(&self)
    }

    package func part(_ name: String) -> SCIMAttribute? { parts.named(name) }

    /// As `/Schemas` shows it.
    package var document: JSONValue {
        .members([
            ("name", .string(name)), ("type", .string(kind.rawValue)),
            ("multiValued", .bool(isMultiValued)), ("description", .string(description)),
            ("required", .bool(isRequired)), ("caseExact", .bool(isCaseExact)),
            ("mutability", .string(mutability.rawValue)),
            ("returned", .string(isAlwaysReturned ? "always" : "default")),
            ("uniqueness", .string(isUnique ? "server" : "none")),
            ("canonicalValues", canonicalValues.isEmpty ? nil : .texts(canonicalValues)),
            ("referenceTypes", referenceTypes.isEmpty ? nil : .texts(referenceTypes)),
            ("subAttributes", parts.isEmpty ? nil : .array(parts.map(\.document))),
        ])
    }
}

extension [SCIMAttribute] {
    /// Names of attributes are compared without regard to case (RFC 7643 §2.1).
    package func named(_ name: String) -> SCIMAttribute? {
        first { $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name.lowercased() }
    }
}

extension JSONValue {
    /// The value of an attribute, whatever the case of its name.
    package func attribute(_ name: String) -> JSONValue? {
        if let exact = self[name] { return exact }
        return fields.first {
            $0.key.utf8.count == name.utf8.count && $0.key.lowercased() == name.lowercased()
        }?
        .value
    }

    /// The same object with another value of that attribute, or without it.
    package func setting(_ name: String, _ value: JSONValue?) -> JSONValue {
        var fields = fields
        let place = fields.firstIndex { $0.key == name }
        switch (place, value) {
        case (let place?, let value?): fields[place] = Field(key: name, value: value)
        case (let place?, nil): fields.remove(at: place)
        case (nil, let value?): fields.append(Field(key: name, value: value))
        case (nil, nil): break
        }
        return .object(fields)
    }
}
