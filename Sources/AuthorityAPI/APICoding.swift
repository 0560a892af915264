#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How messages become bytes and bytes become messages.
public enum APICoding {
    /// JSON nesting that is read.
    public static let depth = 32

    /// What a field counts for that the message does not have.
    public enum UnknownFields: Hashable, Sendable {
        /// In requests: nothing that was said may go unheard.
        case refused
        /// In replies: a newer server may say more.
        case ignored
    }

    /// Reads a message from strict JSON.
    ///
    /// - Throws: ``APICodingError`` with the path of the field.
    public static func decode<T: Decodable>(
        _ type: T.Type, from bytes: [UInt8], unknownFields: UnknownFields = .refused
    ) throws(APICodingError) -> T {
        let value: JSONValue
        do { value = try JSONScanner.value(of: bytes, maxDepth: depth) } catch { throw .json(error) }
        return try JSONValueDecoder(value, at: .root, unknownFields: unknownFields).decoded(type)
    }

    /// The JSON text of a message, keys in order, so that equal messages are equal bytes.
    ///
    /// - Precondition: The message is one of this module's: texts, whole numbers and lists and maps of them always
    ///   have a JSON text.
    public static func encode<T: Encodable>(_ message: T) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(message)) } catch {
            preconditionFailure("a message of the API holds only what JSON can say: \(T.self)")
        }
    }

    /// The same bytes for a message that writes itself.
    package static func encode<T: JSONWritten>(_ message: T) -> [UInt8] { message.json.encoded }
}

/// A message that is written so often that an encoder which looks at it field by field is felt.
package protocol JSONWritten: Encodable {
    /// All members, in the order of their names.
    var json: JSONValue { get }
}
