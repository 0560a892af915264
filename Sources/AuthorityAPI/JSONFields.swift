/// The fields of an object, as a message asks for them.
struct JSONFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let fields: [JSONValue.Field]
    let path: FieldPath
    let unknownFields: APICoding.UnknownFields
    let asked: AskedKeys

    var codingPath: [any CodingKey] { [] }

    /// A message that wants all keys is a map: none of them is unknown.
    var allKeys: [Key] {
        asked.insertAll()
        return fields.compactMap { Key(stringValue: $0.key) }
    }

    func contains(_ key: Key) -> Bool { found(key) != nil }

    /// In requests a field is there or it is not: null would be a third thing.
    func decodeNil(forKey key: Key) throws -> Bool {
        guard try value(key).isNull else { return false }
        guard unknownFields == .ignored else {
            throw APICodingError.badField(FieldPath.field(path, key.stringValue).text)
        }
        return true
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try plain(key) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try plain(key) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try plain(key) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try plain(key) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try plain(key) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try plain(key) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try plain(key) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try plain(key) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try plain(key) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try plain(key) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try plain(key) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try plain(key) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try plain(key) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try plain(key) }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try decoder(key).decoded(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        throw APICodingError.badField(FieldPath.field(path, key.stringValue).text)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw APICodingError.badField(FieldPath.field(path, key.stringValue).text)
    }

    func superDecoder() throws -> any Decoder { throw APICodingError.badField(path.text) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }

    private func found(_ key: Key) -> JSONValue? {
        let name = key.stringValue
        asked.insert(name)
        return fields.first { $0.key == name }?.value
    }

    private func value(_ key: Key) throws(APICodingError) -> JSONValue {
        guard let value = found(key) else {
            throw .missingField(FieldPath.field(path, key.stringValue).text)
        }
        return value
    }

    private func plain<T>(_ key: Key) throws(APICodingError) -> T {
        guard let plain = try value(key).plain(T.self) else {
            throw .badField(FieldPath.field(path, key.stringValue).text)
        }
        return plain
    }

    private func decoder(_ key: Key) throws(APICodingError) -> JSONValueDecoder {
        JSONValueDecoder(
            try value(key), at: .field(path, key.stringValue), unknownFields: unknownFields)
    }
}
