import CArgon2
import Glibc

/// Argon2id (RFC 9106) by libargon2, version 0x13. Each call holds its thread and the memory that its cost
/// says.
enum Argon2 {
    static let saltLength = 16
    static let tagLength = 32

    /// The hash in PHC form, or the library's error code.
    static func hash(_ password: Password, salt: [UInt8], cost: Argon2Cost) -> Result<String, Argon2Failure> {
        let length = argon2_encodedlen(
            cost.passes, cost.memory, cost.lanes, UInt32(salt.count), UInt32(tagLength), Argon2_id)
        var encoded = [CChar](repeating: 0, count: length)
        let code = unsafe password.withBytes { bytes in
            unsafe argon2id_hash_encoded(
                cost.passes, cost.memory, cost.lanes, bytes.baseAddress, bytes.count, salt, salt.count,
                tagLength,
                &encoded, encoded.count)
        }
        guard code == ARGON2_OK.rawValue else { return .failure(Argon2Failure(code: code)) }
        let text = encoded.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
        return .success(String(decoding: text, as: UTF8.self))
    }

    /// Whether the password has that hash; compared in constant time by the library.
    static func matches(_ password: Password, _ hash: Argon2Hash) -> Result<Bool, Argon2Failure> {
        let code = unsafe password.withBytes { bytes in
            unsafe argon2id_verify(hash.text, bytes.baseAddress, bytes.count)
        }
        if code == ARGON2_OK.rawValue { return .success(true) }
        if code == ARGON2_VERIFY_MISMATCH.rawValue { return .success(false) }
        return .failure(Argon2Failure(code: code))
    }
}

/// What libargon2 refused.
struct Argon2Failure: Error, Hashable, Sendable {
    let code: CInt

    var reason: String {
        guard let text = unsafe argon2_error_message(code) else { return "argon2 \(code)" }
        return unsafe "argon2 \(code): \(String(cString: text))"
    }
}
