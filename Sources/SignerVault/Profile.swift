import SSHFormats
package import SignerProtocol

/// What a key may sign, whoever asks. It is sealed beside the keys: widening it needs the key file.
package struct Profile: Hashable, Sendable {
    /// What principals look like.
    package enum Form: String, Hashable, Sendable, CaseIterable {
        /// `login@host` or `login@label=value`.
        case placed
        /// A login alone.
        case login
        /// A host name or an address.
        case host
        /// None: the key does not sign SSH certificates.
        case none
    }

    /// Longest time that a signed thing may count, in seconds; 60 more are let pass for backdating.
    package var longestValidity: UInt64
    /// Names of the critical options that may stand in a certificate.
    package var criticalOptions: Set<String>
    /// Names of the extensions that may stand in a certificate.
    package var extensions: Set<String>
    package var form: Form
    /// Logins that may be spoken for; empty means all.
    package var logins: Set<String>
    /// Hosts, `label=value` and, with a leading dot, domains that may be spoken for; empty means all.
    package var places: Set<String>
    /// Most principals in a certificate, 1…256.
    package var principalLimit: Int
    /// Most signatures in a second, and in a burst.
    package var rate: UInt32

    /// What backdating may add, in seconds.
    static let leeway: UInt64 = 60

    /// What a new key may sign.
    package static func standard(_ role: SignerRole) -> Profile {
        switch role {
        case .userCA: user(.placed)
        case .plainUserCA: user(.login)
        case .hostCA: plain(validity: 30 * day, form: .host, rate: 5_000)
        // Root certificates have their own, longer limit; this one is for the leaves.
        case .tlsRoot: plain(validity: 398 * day, form: .none, rate: 10)
        case .token: plain(validity: 3_600, form: .none, rate: 1_000)
        case .checkpoint: plain(validity: 0, form: .none, rate: 1_000)
        case .hostState: plain(validity: 30 * day, form: .none, rate: 5_000)
        }
    }

    private static let day: UInt64 = 86_400

    /// The rate is above what a server of two cores can record, so that it stops floods alone; set it to what
    /// the house needs.
    private static func user(_ form: Form) -> Profile {
        Profile(
            longestValidity: 28_800,
            criticalOptions: ["force-command", "source-address", "verify-required"],
            extensions: [
                "permit-X11-forwarding", "permit-agent-forwarding", "permit-port-forwarding", "permit-pty",
                "permit-user-rc",
            ],
            form: form, logins: [], places: [], principalLimit: Principals.limit, rate: 20_000)
    }

    private static func plain(validity: UInt64, form: Form, rate: UInt32) -> Profile {
        Profile(
            longestValidity: validity, criticalOptions: [], extensions: [], form: form, logins: [],
            places: [],
            principalLimit: Principals.limit, rate: rate)
    }
}
