/// The elements of an array, one after the other.
struct JSONElements: UnkeyedDecodingContainer {
    let elements: [JSONValue]
    let path: FieldPath
    let unknownFields: APICoding.UnknownFields
    private(set) var currentIndex = 0

    var codingPath: [any CodingKey] { [] }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    init(elements: [JSONValue], path: FieldPath, unknownFields: APICoding.UnknownFields) {
        self.elements = elements
        self.path = path
        self.unknownFields = unknownFields
    }

    mutating func decodeNil() throws -> Bool {
        guard try next().value.isNull else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let decoded = try next().decoded(type)
        currentIndex += 1
        return decoded
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> { throw APICodingError.badField(path.text) }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw APICodingError.badField(path.text)
    }

    mutating func superDecoder() throws -> any Decoder { throw APICodingError.badField(path.text) }

    private func next() throws(APICodingError) -> JSONValueDecoder {
        guard !isAtEnd else { throw .missingField(FieldPath.element(path, currentIndex).text) }
        return JSONValueDecoder(
            elements[currentIndex], at: .element(path, currentIndex), unknownFields: unknownFields)
    }
}

/// A value that stands for itself.
struct JSONSingle: SingleValueDecodingContainer {
    let value: JSONValue
    let path: FieldPath
    let unknownFields: APICoding.UnknownFields
    let asked: AskedKeys

    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { value.isNull }
    func decode(_ type: Bool.Type) throws -> Bool { try plain() }
    func decode(_ type: String.Type) throws -> String { try plain() }
    func decode(_ type: Double.Type) throws -> Double { try plain() }
    func decode(_ type: Float.Type) throws -> Float { try plain() }
    func decode(_ type: Int.Type) throws -> Int { try plain() }
    func decode(_ type: Int8.Type) throws -> Int8 { try plain() }
    func decode(_ type: Int16.Type) throws -> Int16 { try plain() }
    func decode(_ type: Int32.Type) throws -> Int32 { try plain() }
    func decode(_ type: Int64.Type) throws -> Int64 { try plain() }
    func decode(_ type: UInt.Type) throws -> UInt { try plain() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try plain() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try plain() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try plain() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try plain() }

    /// A wrapper around another type: what that type asks for, this one asked for too.
    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        asked.insertAll()
        return try JSONValueDecoder(value, at: path, unknownFields: unknownFields).decoded(type)
    }

    private func plain<T>() throws(APICodingError) -> T {
        guard let plain = value.plain(T.self) else { throw .badField(path.text) }
        return plain
    }
}
