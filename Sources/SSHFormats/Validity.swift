/// When a certificate counts: `[validAfter, validBefore)`, seconds since 1970 UTC (draft-miller-ssh-cert §3).
/// Never empty.
public struct Validity: Hashable, Sendable {
    /// The first moment at which it counts.
    public let validAfter: UnixTime
    /// The first moment at which it counts no more.
    public let validBefore: UnixTime

    /// A span of at least one second.
    ///
    /// - Throws: ``CertificateError/emptyValidity(after:before:)`` unless `validAfter < validBefore`.
    public init(validAfter: UnixTime, validBefore: UnixTime) throws(CertificateError) {
        guard validAfter < validBefore else {
            throw .emptyValidity(after: validAfter, before: validBefore)
        }
        self.validAfter = validAfter
        self.validBefore = validBefore
    }

    /// Whether it counts at this moment.
    public func contains(_ now: UnixTime) -> Bool { validAfter <= now && now < validBefore }

    /// How long it counts, in seconds.
    public var seconds: UInt64 { validBefore.seconds - validAfter.seconds }
}
