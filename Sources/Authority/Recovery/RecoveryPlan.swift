import Names
import SSHFormats

/// What a recovery sets up besides the session, all of it or nothing.
package struct RecoveryPlan: Sendable {
    let person: IdentityID
    /// The device that gets the key: a new one, or one that they have, whose former key is compromised then.
    let device: Identity
    let isNewDevice: Bool
    /// What becomes of the others.
    let lostDevices: Set<IdentityID>
    let keptDevices: Set<IdentityID>
    let lostKeys: Set<Fingerprint>
    let keptKeys: Set<Fingerprint>
    /// What is set anew, and shown by that.
    let factors: Set<Factor>
    /// New factors and codes, and the use of what lets them back in.
    let facts: [Fact]
    let codes: [Secret<String>]
    let grounds: Grounds

    /// What lets the person back in.
    enum Grounds: Hashable, Sendable {
        case vouched(Vouching, by: [IdentityID])
        /// A recovery code, after which this many are left.
        case code(left: Int)

        var text: String {
            switch self {
            case .vouched(let vouching, _): vouching.rawValue
            case .code: "code"
            }
        }
    }
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
    var longest: UInt64 {
        if endsAnew { return SignInConversation.longest + FreshStart.longest }
        return isRecovery ? 90_000 : SignInConversation.longest
    }

    /// The same, and then everything is set anew.
    var endingAnew: SignInWay { SignInWay(names: names + [RecoveryCodeFactor.name]) }
    var endsAnew: Bool { names.last == RecoveryCodeFactor.name }
}
