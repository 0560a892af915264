import Authority
import Names
import SSHFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads a field of a message into a value; a fault names the field and how it is wrong, never what it holds.
enum Field {
    static func name<Value>(
        _ field: String, _ read: () throws(NameError) -> Value
    ) throws(AuthorityError) -> Value {
        do { return try read() } catch { throw .refused(.badName, "\(field): \(error)") }
    }

    static func publicKey(_ field: String, _ text: String) throws(AuthorityError) -> PublicKey {
        do { return try PublicKey(text: text) } catch { throw .refused(.badRequest, "\(field): \(error)") }
    }

    static func fingerprint(_ field: String, _ text: String) throws(AuthorityError) -> Fingerprint {
        do { return try Fingerprint(text: text) } catch { throw .refused(.badRequest, "\(field): \(error)") }
    }

    /// The public handle of a session.
    static func handle(_ field: String, _ text: String) throws(AuthorityError) -> String {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .refused(.badRequest, "\(field): not the id of a session")
        }
        return text
    }

    static func signature(_ field: String, base64 text: String) throws(AuthorityError) -> Signature {
        guard let blob = Data(base64Encoded: text) else {
            throw .refused(.badRequest, "\(field): not Base64")
        }
        do { return try Signature(blob: blob) } catch { throw .refused(.badRequest, "\(field): \(error)") }
    }

    /// One of the raw values of a type.
    static func choice<Value: RawRepresentable>(
        _ field: String, _ text: String, of type: Value.Type
    ) throws(AuthorityError) -> Value where Value.RawValue == String {
        guard let value = Value(rawValue: text) else {
            throw .refused(.badRequest, "\(field): not one of its values")
        }
        return value
    }

    /// A text for people, such as a reason: one line of it.
    static func sentence(_ field: String, _ text: String) throws(AuthorityError) -> String {
        guard (1...500).contains(text.unicodeScalars.count),
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw .refused(.badRequest, "\(field): 1 to 500 characters, none of them control characters") }
        return text
    }

    /// What somebody may know a place by: printable ASCII without spaces, as long as a host's name may be.
    static func place(_ field: String, _ text: String) throws(AuthorityError) -> String {
        guard (1...253).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .refused(.badName, "\(field): not a host's name or address")
        }
        return text
    }

    static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
