import Authority
import AuthorityAPI
import Names

/// What passkeys are bound to and must do, where a way to sign in names `webauthn`.
struct PasskeyConfiguration: Sendable {
    /// The RP ID; nil means the server's name.
    var relyingParty: String?
    var verification = UserVerification.preferred
}

extension Setting {
    static let passkeys: [Setting] = [
        .choice(
            "webauthn", "user_verification",
            "Whether a passkey must check a PIN or a finger. One that signs in alone always must.",
            of: UserVerification.self, standard: .preferred
        ) { $1.passkeys.verification = $0 },
        .text(
            "webauthn", "rp_id",
            "Domain that passkeys are bound to: they are lost with it. Default: the server's name; or a domain above it.",
            example: "example.com"
        ) { text, configuration throws(SettingFault) in
            guard (try? Name(host: text)) != nil else { throw SettingFault("a DNS name in lower case") }
            configuration.passkeys.relyingParty = text
        },
    ]
}

extension Configuration {
    var takesPasskeys: Bool { signInWays.contains { $0.names.contains("webauthn") } }
    /// Whether a passkey signs in alone somewhere.
    var takesPasskeysAlone: Bool { signInWays.contains { $0.names == ["webauthn"] } }

    /// What keeps browsers from using passkeys here.
    var passkeyFaults: [String] {
        guard takesPasskeys else { return [] }
        let domain = passkeys.relyingParty ?? name
        let own = (try? ServerAddress("https://\(name)")).map { [$0] } ?? []
        let all = addresses.isEmpty ? own : addresses
        guard !all.contains(where: \.isNumeric) else {
            return ["webauthn: browsers use passkeys at names alone, not at numeric addresses"]
        }
        let strange = all.map(\.host).filter { $0 != domain && !$0.hasSuffix(".\(domain)") }
        return strange.map { "webauthn.rp_id: \(domain) is neither \($0) nor a domain above it" }
    }
}
