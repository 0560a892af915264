import Authority

/// The fixed part of what an authenticator signs (W3C Web Authentication §6.1): a hash of the RP ID, flags, a count.
struct AuthenticatorData: Sendable {
    /// Bytes that are looked at.
    static let longest = 2_048
    private static let fixed = 37

    let relyingPartyHash: [UInt8]
    let flags: Flags
    let signCount: UInt32

    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8

        static let userPresent = Flags(rawValue: 0x01)
        static let userVerified = Flags(rawValue: 0x04)
        static let backupEligible = Flags(rawValue: 0x08)
        static let backedUp = Flags(rawValue: 0x10)
        static let attested = Flags(rawValue: 0x40)
    }

    init(_ bytes: [UInt8]) throws(PasskeyFault) {
        guard (Self.fixed...Self.longest).contains(bytes.count) else { throw .malformed }
        relyingPartyHash = Array(bytes[..<32])
        flags = Flags(rawValue: bytes[32])
        signCount = bytes[33..<37].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
