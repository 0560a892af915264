import Names

/// Which passwords are taken (NIST SP 800-63B §5.1.1.2): length counts, composition does not.
enum PasswordRule {
    static let shortest = 12

    /// Every byte counts; nothing is cut.
    static func check(
        _ password: [UInt8], person: IdentityID, known: KnownPasswords = .none
    ) throws(AuthorityError) {
        guard password.count >= shortest else { throw .refused(.weakPassword, "shorter than 12 bytes") }
        guard password.count <= FactorCheck.longestPassword else {
            throw .refused(.weakPassword, "longer than 1024 bytes")
        }
        guard Set(password).count >= 5 else { throw .refused(.weakPassword, "the same few bytes repeated") }
        let lowered = String(decoding: password, as: UTF8.self).lowercased()
        guard !wellKnown.contains(lowered), !known.contains(password), lowered != person.name.text else {
            throw .refused(.weakPassword, "a well-known password")
        }
    }

    /// The well-known ones of twelve bytes and more; shorter ones are refused for their length.
    private static let wellKnown: Set<String> = [
        "123456789012", "1234567890123", "12345678901234", "123456789abc", "1qaz2wsx3edc", "qwertyuiop123",
        "qwertyuiop[]", "qwertyuiopasdf", "passwordpassword", "password1234", "password12345",
        "password123456", "administrator", "changemeplease", "correcthorsebatterystaple", "iloveyou1234",
        "letmeinletmein", "welcome12345", "welcome123456", "keyreevekeyreeve",
    ]
}
