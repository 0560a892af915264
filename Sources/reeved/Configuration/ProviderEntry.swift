import Names
import Posix
import SignIn
import TOMLKit

/// One `[[oidc]]` of the configuration: an identity provider.
struct ProviderEntry: Sendable {
    let name: Name
    let issuer: ProviderURL
    let clientID: String
    /// nil for a client without a secret.
    var clientSecretFile: String?
    var scopes: [String] = []
    var rules = ClaimRules()
    var redirectPorts: [UInt16] = []
    /// Seconds after which it is asked again before a certificate.
    var staleness: UInt64 = 900
    /// Seconds for which its keys count after it last showed them, while it cannot be asked for them.
    var keysKept: UInt64 = 86_400
    /// PEM file of the roots that its certificate comes from; nil: the system's.
    var roots: String?

    /// As sign_in.ways names it.
    var factor: String { "oidc:\(name)" }

    private static let keys: Set<String> = [
        "name", "issuer", "client_id", "client_secret_file", "scopes", "groups_claim", "redirect_ports",
        "staleness", "keys_kept", "roots", "groups", "login_from", "create", "name_from",
    ]

    /// - Returns: The entry, if nothing is wrong with it; else all that is, with the path of each.
    static func read(_ table: TOMLTable, at path: String) -> Result<ProviderEntry, ConfigurationFaults> {
        var faults = table.keys.sorted().filter { !keys.contains($0) }.map {
            "\(path).\($0): not a known key"
        }
        func text(_ key: String) -> String? {
            guard let value = table[key] else { return nil }
            if let text = value.string, !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
                return text
            }
            faults.append("\(path).\(key): expected a text of printable ASCII, not empty")
            return nil
        }
        func texts(_ key: String) -> [String] {
            guard let value = table[key] else { return [] }
            let texts = value.array?.compactMap(\.string) ?? []
            if let array = value.array, texts.count == array.count, texts.count <= 64 { return texts }
            faults.append("\(path).\(key): expected a list of texts")
            return []
        }
        let name = text("name").flatMap { try? Name($0) }
        if name == nil { faults.append("\(path).name: expected a name in lower case") }
        let issuer = text("issuer").flatMap { try? ProviderURL($0) }
        if issuer == nil {
            faults.append("\(path).issuer: expected an https URL, as the provider writes it")
        }
        let clientID = text("client_id")
        if clientID == nil { faults.append("\(path).client_id: missing") }
        let ports = table["redirect_ports"]?.array?.compactMap(\.int) ?? []
        if table["redirect_ports"] != nil,
            ports.isEmpty || ports.count != table["redirect_ports"]?.array?.count
                || !ports.allSatisfy({ (1...65_535).contains($0) })
        {
            faults.append("\(path).redirect_ports: expected a list of ports")
        }
        func seconds(_ key: String, _ usual: Int, from least: Int, to most: Int) -> UInt64 {
            let value = table[key]?.int ?? usual
            if (least...most).contains(value), table[key].map({ $0.type == .int }) ?? true {
                return UInt64(value)
            }
            faults.append("\(path).\(key): expected a number from \(least) to \(most)")
            return 0
        }
        let staleness = seconds("staleness", 900, from: 1, to: 86_400)
        let keysKept = seconds("keys_kept", 86_400, from: 300, to: 604_800)
        let scopes = texts("scopes")
        if !scopes.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }) {
            faults.append("\(path).scopes: expected words")
        }
        let (secret, roots) = (text("client_secret_file"), text("roots"))
        let (rules, ruleFaults) = ClaimRules.read(table, groupsClaim: text("groups_claim"), at: path)
        faults += ruleFaults
        guard faults.isEmpty, let name, let issuer, let clientID else {
            return .failure(ConfigurationFaults(lines: faults))
        }
        return .success(
            ProviderEntry(
                name: name, issuer: issuer, clientID: clientID, clientSecretFile: secret, scopes: scopes,
                rules: rules, redirectPorts: ports.map { UInt16($0) }, staleness: staleness,
                keysKept: keysKept, roots: roots))
    }

    /// As `reeved config` prints it.
    static let commented = """
        # Identity providers of OpenID Connect, one [[oidc]] each; sign_in.ways then names oidc:NAME.
        # [[oidc]]
        # name = "corp"
        # issuer = "https://id.example.com"
        # client_id = "keyreeve"
        # A file of mode 0600; without it the client has no secret.
        # client_secret_file = "/etc/keyreeve/corp.secret"
        # Beside openid; offline_access where the provider gives out refresh tokens for it alone.
        # scopes = ["groups", "offline_access"]
        # The claim that lists groups; they count where the policy declares them external.
        # groups_claim = "groups"
        # Groups by what claims say, as many as needed; a dot leads into an object: realm_access.roles.
        # groups = [{ claim = "department", value = "Operations", group = "ops" }]
        # What persons' logins ($self) are: a claim, without what must stand at its end. Never root, nor another's.
        # login_from = { claim = "email", without = "@example.com" }
        # Persons who are not known are made at their first sign-in, called as name_from says.
        # create = true
        # name_from = { claim = "preferred_username" }
        # Ports of http://127.0.0.1:PORT/callback/NAME, where the provider takes no other; default: any.
        # redirect_ports = [7391, 7392]
        # Seconds after which the provider is asked again before a certificate. 1 to 86400.
        # staleness = 900
        # Seconds for which its keys count after it last showed them, while it cannot be asked. 300 to 604800.
        # keys_kept = 86400
        # PEM file of the roots that the provider's certificate comes from; default: the system's.
        # roots = "/etc/keyreeve/corp-root.pem"

        """

    /// The provider, with its secret.
    func settings() throws -> ProviderSettings {
        var secret: Secret<String>?
        if let clientSecretFile {
            let file = DurableFile(clientSecretFile)
            guard try file.access().isPrivate else {
                throw StartFault(
                    "others may read \(clientSecretFile)", advice: "Make it readable by its owner alone.")
            }
            let text = String(decoding: try file.read(limit: 4_096), as: UTF8.self)
            secret = Secret(String(text.prefix { !$0.isNewline }))
        }
        var settings = ProviderSettings(
            name: name, issuer: issuer, clientID: clientID, clientSecret: secret)
        settings.scopes = scopes
        settings.rules = rules
        settings.keysKept = keysKept
        settings.redirectPorts = redirectPorts
        return settings
    }
}
