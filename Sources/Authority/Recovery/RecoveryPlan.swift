import Names
import SSHFormats

/// What a recovery sets up besides the session, all of it or nothing.
package struct RecoveryPlan: Sendable {
    let person: IdentityID
    /// Its name, and what becomes of the others.
    let device: Identity
    let lostDevices: Set<IdentityID>
    let keptDevices: Set<IdentityID>
    let lostKeys: Set<Fingerprint>
    let keptKeys: Set<Fingerprint>
    /// New factors and codes, and the word of whoever vouched.
    let facts: [Fact]
    let codes: [Secret<String>]
    let vouchers: [IdentityID]
    let vouching: Vouching
}

/// Who says that it is them.
package enum Vouching: String, Hashable, Sendable, CaseIterable {
    /// The person, on another device.
    case device
    case colleagues
}

extension SignInWay {
    /// The way back with somebody who vouches. No configuration names it: the policy says who may.
    package static func recovery(_ vouching: Vouching) -> SignInWay {
        SignInWay(names: ["recovery:\(vouching.rawValue)"])
    }

    /// Whether a text names one of them.
    package static func isRecovery(_ text: String?) -> Bool {
        Vouching.allCases.contains { recovery($0).description == text }
    }

    var isRecovery: Bool { Self.isRecovery(description) }

    /// Seconds from the first request of a conversation to its last answer. Colleagues take their time; how much, the
    /// request itself says.
    var longest: UInt64 { isRecovery ? 90_000 : SignInConversation.longest }
}
