/// Decodes a message from a JSON value and notes which fields it asked for, so that unknown ones show.
struct JSONValueDecoder: Decoder {
    let value: JSONValue
    let path: FieldPath
    let unknownFields: APICoding.UnknownFields
    private let asked = AskedKeys()

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ value: JSONValue, at path: FieldPath, unknownFields: APICoding.UnknownFields) {
        self.value = value
        self.path = path
        self.unknownFields = unknownFields
    }

    /// The message in the value.
    func decoded<T: Decodable>(_ type: T.Type) throws(APICodingError) -> T {
        let message: T
        do {
            message = try T(from: self)
        } catch let error as APICodingError {
            throw error
        } catch {
            throw .badField(path.text)
        }
        try refuseUnknown()
        return message
    }

    private func refuseUnknown() throws(APICodingError) {
        guard unknownFields == .refused, case .object(let fields) = value else { return }
        if let stranger = fields.first(where: { !asked.contains($0.key) }) {
            throw .unknownField(FieldPath.field(path, stranger.key).text)
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let fields) = value else { throw APICodingError.badField(path.text) }
        return KeyedDecodingContainer(
            JSONFields<Key>(fields: fields, path: path, unknownFields: unknownFields, asked: asked))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw APICodingError.badField(path.text) }
        return JSONElements(elements: elements, path: path, unknownFields: unknownFields)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        JSONSingle(value: value, path: path, unknownFields: unknownFields, asked: asked)
    }
}

/// The keys that a message asked for; lives as long as one decoding does.
final class AskedKeys {
    private var keys: [String] = []
    private var isEverything = false

    func insert(_ key: String) { keys.append(key) }
    func insertAll() { isEverything = true }
    func contains(_ key: String) -> Bool { isEverything || keys.contains(key) }
}

extension JSONValue {
    /// The value as a bool, a text or a whole number; nil if it is something else or does not fit.
    func plain<T>(_ type: T.Type) -> T? {
        switch self {
        case .bool(let value): value as? T
        case .string(let value): value as? T
        case .number(let text): JSONValue.number(text, as: type)
        case .null, .array, .object: nil
        }
    }

    private static func number<T>(_ text: String, as type: T.Type) -> T? {
        if let integer = type as? any FixedWidthInteger.Type { return integer.init(text) as? T }
        return type == Double.self ? Double(text) as? T : nil
    }

    var isNull: Bool { self == .null }
}
