/// Why something is not a key revocation list, or may not stand in one.
public enum KRLError: Error, Hashable, Sendable {
    /// The bytes break the rules of RFC 4251, or are more than ``KRL/limit``.
    case wire(WireError)
    /// It does not begin with `SSHKRL\n\0`.
    case badMagic
    /// A version of the format other than 1.
    case unknownFormat(UInt32)
    /// Flags, or a field for future use, that are not empty.
    case reservedNotEmpty
    /// A section or part of a section that we cannot read; what it revokes is unknown, so the whole list is
    /// refused.
    case unknownSection(UInt8)
    /// An extension that must be understood, and is not; so what it revokes is unknown.
    case criticalExtension(String)
    /// A section behind a signature.
    case sectionAfterSignature(UInt8)
    /// Serial 0 means that the authority gives none; no certificate can be revoked by it.
    case serialZero
    /// A range whose first serial is behind its last.
    case emptyRange
    /// A bitmap that goes beyond serial 2^64 - 1.
    case serialOverflow
    /// More runs of serials than ``KRL/runLimit``.
    case tooManySerials(limit: Int)
    /// A hash of another length than its kind has, in bytes.
    case badHash(Int)
    /// A key ID that is empty or holds a NUL.
    case badKeyID
}

extension KRLError {
    static func wrap<Value>(_ body: () throws(WireError) -> Value) throws(KRLError) -> Value {
        do { return try body() } catch { throw .wire(error) }
    }
}
