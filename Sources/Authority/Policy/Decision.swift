package import Names
package import SSHFormats

/// What a policy says to an ``AccessRequest``.
package enum Decision: Hashable, Sendable {
    case allowed(Allowance)
    /// `nearest` is the grant that came closest, `missing` what it lacked, in words.
    case refused(Refusal, nearest: Name?, missing: [String])

    package var isAllowed: Bool {
        switch self {
        case .allowed: true
        case .refused: false
        }
    }
}

/// What one grant puts into one certificate.
package struct Allowance: Hashable, Sendable {
    package let grant: Name
    /// 1…256, all for the one login that was asked for.
    package let principals: [PrincipalName]
    /// Seconds, from issue.
    package let lifetime: UInt64
    package let options: CriticalOptions
    package let extensions: Extensions
    package let scope: Scope
    /// Whether the plain-user CA signs it.
    package let plain: Bool
    /// Whether the front door may make its key.
    package let door: Bool
}
