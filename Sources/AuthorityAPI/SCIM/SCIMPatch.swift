/// Changes of one resource, done in their order or not at all (RFC 7644 §3.5.2), in the dialects that providers speak.
package struct SCIMPatch: Sendable {
    static let mostOperations = 1_000
    package static let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

    private enum Verb: String { case add, replace, remove }

    private struct Operation {
        let verb: Verb
        let path: String?
        let value: JSONValue?
    }

    private let type: SCIMResourceType
    private let operations: [Operation]

    /// - Throws: ``SCIMError``
    package init(_ message: JSONValue, of type: SCIMResourceType) throws(SCIMError) {
        self.type = type
        let schemas = (message.attribute("schemas")?.elements ?? []).compactMap { $0.text?.lowercased() }
        guard schemas.contains(SCIMPatch.schema.lowercased()) else {
            throw .invalid(.invalidSyntax, "schemas: \(SCIMPatch.schema) is missing")
        }
        let sent = message.attribute("Operations")?.elements ?? []
        guard (1...SCIMPatch.mostOperations).contains(sent.count) else {
            throw .invalid(.invalidSyntax, "Operations: 1 to \(SCIMPatch.mostOperations)")
        }
        var operations: [Operation] = []
        for one in sent {
            guard let verb = Verb(rawValue: one.attribute("op")?.text?.lowercased() ?? "") else {
                throw .invalid(.invalidSyntax, "op: add, replace or remove")
            }
            let path = one.attribute("path")
            guard path == nil || path == .null || path?.text != nil else {
                throw .invalid(.invalidPath, "path: not a text")
            }
            operations.append(Operation(verb: verb, path: path?.text, value: one.attribute("value")))
        }
        self.operations = operations
    }

    /// The resource after all of them; it was read by ``SCIMResourceType/read(_:)`` or made by the server.
    package func applied(to resource: JSONValue) throws(SCIMError) -> JSONValue {
        var resource = resource
        for operation in operations { resource = try applied(operation, to: resource) }
        return resource
    }

    private func applied(_ operation: Operation, to resource: JSONValue) throws(SCIMError) -> JSONValue {
        if let text = operation.path {
            guard let path = try SCIMFilterParser.path(text, of: type) else { return resource }
            guard path.target.attribute.mutability != .readOnly else {
                throw .invalid(.mutability, "\(path.target.attribute.name): set by the server")
            }
            return try applied(operation, at: path, to: resource)
        }
        guard operation.verb != .remove else { throw .invalid(.noTarget, "remove needs a path") }
        guard case .object(let fields)? = operation.value else {
            throw .invalid(.invalidValue, "without a path the value is an object")
        }
        var resource = resource
        for field in fields { resource = try applied(operation.verb, field, to: resource) }
        return resource
    }

    /// One member of a value without a path. What only the server sets is left, as in a whole resource: Okta sends the id.
    private func applied(
        _ verb: Verb, _ field: JSONValue.Field, to resource: JSONValue
    ) throws(SCIMError) -> JSONValue {
        let key = field.key.lowercased()
        guard key != "schemas", key != type.extensionSchema?.lowercased(),
            !(key.hasPrefix("urn:") && field.value.isObject),
            let path = try SCIMFilterParser.path(field.key, of: type),
            path.target.attribute.mutability != .readOnly
        else { return resource }
        let operation = Operation(verb: verb, path: field.key, value: field.value)
        return try applied(operation, at: path, to: resource)
    }

    private func applied(
        _ operation: Operation, at path: SCIMPath, to resource: JSONValue
    ) throws(SCIMError) -> JSONValue {
        let attribute = path.target.attribute
        let present = resource[attribute.name]
        let value: JSONValue?
        if attribute.isMultiValued {
            value = .array(try elements(operation, path, present?.elements ?? []))
        } else if let part = path.target.part {
            let whole = present ?? .object([])
            value = whole.setting(part.name, try single(operation, part))
        } else {
            value = try single(operation, attribute).map { new in
                attribute.kind == .complex ? SCIMPatch.merged(present, new) : new
            }
        }
        let isGone = value?.isUnassigned ?? true
        guard !isGone || !attribute.isRequired else {
            throw .invalid(.mutability, "\(attribute.name): must have a value")
        }
        return resource.setting(attribute.name, isGone ? nil : value)
    }

    private func single(_ operation: Operation, _ attribute: SCIMAttribute) throws(SCIMError) -> JSONValue? {
        guard operation.verb != .remove else { return nil }
        guard let value = operation.value else { throw .invalid(.invalidValue, "value: missing") }
        let read = try attribute.read(value)
        return read.isUnassigned ? nil : read
    }

    private func elements(
        _ operation: Operation, _ path: SCIMPath, _ present: [JSONValue]
    ) throws(SCIMError) -> [JSONValue] {
        let attribute = path.target.attribute
        guard path.filter == nil, path.target.part == nil else {
            return try chosen(operation, path, present)
        }
        guard operation.verb != .remove || !(operation.value?.isUnassigned ?? true) else { return [] }
        guard let value = operation.value else { throw .invalid(.invalidValue, "value: missing") }
        let sent = try attribute.read(value).elements
        switch operation.verb {
        case .add: return try attribute.read(.array(SCIMPatch.united(present, sent))).elements
        case .replace: return SCIMPatch.united([], sent)
        case .remove:
            let gone = Set(sent.compactMap { $0["value"] })
            return present.filter { element in !(element["value"].map(gone.contains) ?? false) }
        }
    }

    /// What brackets choose; without brackets a part of each.
    private func chosen(
        _ operation: Operation, _ path: SCIMPath, _ present: [JSONValue]
    ) throws(SCIMError) -> [JSONValue] {
        let (attribute, part) = (path.target.attribute, path.target.part)
        let sole = path.filter?.soleValue(of: "value")
        func isChosen(_ element: JSONValue) -> Bool {
            if let sole, attribute.part("value")?.isCaseExact == true {
                return element["value"] == .string(sole)
            }
            return path.filter?.matches(element) ?? true
        }
        if operation.verb == .remove {
            guard let part else { return present.filter { !isChosen($0) } }
            return present.map { isChosen($0) ? $0.setting(part.name, nil) : $0 }.filter { !$0.isUnassigned }
        }
        let new = try changed(operation, attribute, part)
        guard present.contains(where: isChosen) else {
            // Entra names what is not there yet: then it is made as the brackets say.
            guard attribute.name != "members", let equalities = path.filter?.equalities else {
                throw .invalid(.noTarget, "\(attribute.name): nothing there is as the path says")
            }
            let made = equalities.reduce(JSONValue.object([])) { $0.setting($1.0, $1.1) }
            return try attribute.read(.array(present + [new(made)])).elements
        }
        return try attribute.read(.array(present.map { isChosen($0) ? new($0) : $0 })).elements
    }

    private func changed(
        _ operation: Operation, _ attribute: SCIMAttribute, _ part: SCIMAttribute?
    ) throws(SCIMError) -> (JSONValue) -> JSONValue {
        guard let value = operation.value else { throw .invalid(.invalidValue, "value: missing") }
        if let part {
            let read = try part.read(value)
            return { $0.setting(part.name, read.isUnassigned ? nil : read) }
        }
        guard let read = try attribute.read(value).elements.first else {
            throw .invalid(.invalidValue, "\(attribute.name): a value with parts")
        }
        return { SCIMPatch.merged($0, read) }
    }

    private static func merged(_ present: JSONValue?, _ new: JSONValue) -> JSONValue {
        new.fields.reduce(present ?? .object([])) { $0.setting($1.key, $1.value) }
    }

    /// Those of both, each once; what is new and primary takes that from the others.
    private static func united(_ present: [JSONValue], _ new: [JSONValue]) -> [JSONValue] {
        var places: [JSONValue: Int] = [:]
        var all: [JSONValue] = []
        let hasPrimary = new.contains { $0["primary"] == .bool(true) }
        for element in present.map({ hasPrimary ? $0.setting("primary", nil) : $0 }) + new {
            let key =
                element["type"].map { .array([element["value"] ?? .null, $0]) } ?? element["value"] ?? element
            if let place = places[key] {
                all[place] = merged(all[place], element)
            } else {
                places[key] = all.count
                all.append(element)
            }
        }
        return all
    }
}

extension JSONValue {
    fileprivate var isObject: Bool {
        if case .object = self { true } else { false }
    }
}
