@testable import AuthorityAPI

/// Holds JSON against a schema of openapi.yaml: the part of JSON Schema 2020-12 that the document uses, and a fault for
/// what it does not know.
struct SchemaCheck {
    /// Whether an object may have members that its schema does not name. Clients must bear them; we do not send them.
    enum Objects { case open, closed }

    private static let silent: Set = ["description", "title", "format", "example", "examples", "default"]

    let components: Doc
    let objects: Objects

    /// What is wrong, each with its place; empty if nothing is.
    func faults(_ value: JSONValue, _ schema: Doc, at place: String = "body") -> [String] {
        guard schema.text != "false" else { return ["\(place): may not be there"] }
        return schema.fields.flatMap { keyword in faults(value, schema, keyword, at: place) }
    }

    private func faults(_ value: JSONValue, _ schema: Doc, _ keyword: Doc.Field, at place: String) -> [String]
    {
        let rule = keyword.value
        switch keyword.key {
        case "$ref": return resolved(rule).map { faults(value, $0, at: place) } ?? ["\(place): no \(rule)"]
        case "type": return isOfType(value, rule) ? [] : ["\(place): not of type \(rule.text ?? "")"]
        case "enum": return rule.texts.contains(value.text ?? "") ? [] : ["\(place): not in its enum"]
        case "const":
            let isSame = value.text == rule.text || value == .bool(rule.text == "true")
            return isSame ? [] : ["\(place): not \(rule.text ?? "")"]
        case "contains":
            let isThere = !value.isArray || elements(value).contains { faults($1, rule, at: place).isEmpty }
            return isThere ? [] : ["\(place): does not hold what it must"]
        case "uniqueItems":
            let texts = elements(value).map { $0.1.text ?? "" }
            return Set(texts).count == texts.count ? [] : ["\(place): something is there twice"]
        case "required": return missing(value, rule).map { "\(place).\($0): missing" }
        case "properties": return members(value, schema, at: place)
        case "additionalProperties": return schema["properties"] == nil ? rest(value, rule, at: place) : []
        case "items": return elements(value).flatMap { faults($1, rule, at: "\(place)[\($0)]") }
        case "minItems", "maxItems": return bound(elements(value).count, keyword, value.isArray, at: place)
        case "minLength", "maxLength":
            return bound(value.text?.unicodeScalars.count ?? 0, keyword, value.text != nil, at: place)
        case "minProperties", "maxProperties":
            return bound(value.members.count, keyword, value.isObject, at: place)
        case "minimum", "maximum": return range(value, keyword, at: place)
        case "pattern": return matches(value, rule) ? [] : ["\(place): not of its pattern \(rule.text ?? "")"]
        case "oneOf", "anyOf":
            let fitting = rule.items.count { faults(value, $0, at: place).isEmpty }
            let isRight = keyword.key == "oneOf" ? fitting == 1 : fitting > 0
            return isRight ? [] : ["\(place): fits \(fitting) of its \(rule.items.count) schemas"]
        case "allOf": return rule.items.flatMap { faults(value, $0, at: place) }
        case let key where Self.silent.contains(key): return []
        default: return ["\(place): this check does not know \(keyword.key)"]
        }
    }

    func resolved(_ reference: Doc) -> Doc? {
        let parts = (reference.text ?? "").split(separator: "/").dropFirst(2)
        return parts.reduce(components as Doc?) { $0?[String($1)] }
    }

    private func isOfType(_ value: JSONValue, _ rule: Doc) -> Bool {
        switch (rule.text, value) {
        case ("string", .string), ("boolean", .bool), ("array", .array), ("object", .object), ("null", .null),
            ("number", .number):
            true
        case ("integer", .number(let text)): text.utf8.allSatisfy { $0 != UInt8(ascii: ".") }
        default: false
        }
    }

    private func missing(_ value: JSONValue, _ rule: Doc) -> [String] {
        guard value.isObject else { return [] }
        return rule.texts.filter { value[$0] == nil }
    }

    private func members(_ value: JSONValue, _ schema: Doc, at place: String) -> [String] {
        value.members.flatMap { member in
            if let known = schema["properties"]?[member.key] {
                return faults(member.value, known, at: "\(place).\(member.key)")
            }
            if case .map? = schema["additionalProperties"] { return [String]() }
            let isOpen = objects == .open && schema["additionalProperties"]?.text != "false"
            return isOpen ? [] : ["\(place).\(member.key): not in openapi.yaml"]
        }
    }

    private func rest(_ value: JSONValue, _ rule: Doc, at place: String) -> [String] {
        if rule.text == "false" { return value.members.map { "\(place).\($0.key): not in openapi.yaml" } }
        return value.members.flatMap { faults($0.value, rule, at: "\(place).\($0.key)") }
    }

    private func elements(_ value: JSONValue) -> [(Int, JSONValue)] {
        guard case .array(let values) = value else { return [] }
        return Array(values.enumerated()).map { ($0.offset, $0.element) }
    }

    private func bound(_ count: Int, _ keyword: Doc.Field, _ applies: Bool, at place: String) -> [String] {
        guard applies, let limit = keyword.value.text.flatMap({ Int($0) }) else { return [] }
        let isRight = keyword.key.hasPrefix("min") ? count >= limit : count <= limit
        return isRight ? [] : ["\(place): \(keyword.key) \(limit), but \(count)"]
    }

    private func range(_ value: JSONValue, _ keyword: Doc.Field, at place: String) -> [String] {
        guard case .number(let text) = value, let number = Double(text),
            let limit = keyword.value.text.flatMap({ Double($0) })
        else { return [] }
        let isRight = keyword.key == "minimum" ? number >= limit : number <= limit
        return isRight ? [] : ["\(place): \(keyword.key) \(limit), but \(text)"]
    }

    private func matches(_ value: JSONValue, _ rule: Doc) -> Bool {
        guard let text = value.text, let pattern = rule.text else { return true }
        guard let regex = try? Regex(pattern) else { return false }
        return (try? regex.firstMatch(in: text)) != nil
    }
}

extension JSONValue {
    var members: [Field] {
        guard case .object(let fields) = self else { return [] }
        return fields
    }
    var isObject: Bool {
        if case .object = self { true } else { false }
    }
    var isArray: Bool {
        if case .array = self { true } else { false }
    }
}
