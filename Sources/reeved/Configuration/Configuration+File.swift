import Authority
import Names
import SignIn
import TOMLKit

/// Everything that is wrong with a configuration file, all at once.
struct ConfigurationFaults: Error, CustomStringConvertible {
    let lines: [String]
    var description: String { lines.joined(separator: "\n") }
}

extension Configuration {
    /// Reads a file's text. Unknown keys are faults; a missing key has its default.
    init(toml text: String) throws(ConfigurationFaults) {
        let table: TOMLTable
        do { table = try TOMLTable(string: text) } catch {
            throw ConfigurationFaults(lines: ["not TOML: \(error)"])
        }
        self.init()
        var faults = Configuration.unknown(table)
        for setting in Setting.all {
            guard let value = table[setting.section]?.table?[setting.key] else { continue }
            do { try setting.take(value, &self) } catch {
                faults.append("\(setting.path): expected \(error.sentence)")
            }
        }
        if (tlsCertificate == nil) != (tlsKey == nil) {
            faults.append("tls: certificate and key come together")
        }
        faults += readProviders(table)
        faults += missingFactors.map { "sign_in.ways: \($0) is not set up" }
        faults += passkeyFaults
        if (doorAddress == nil) != (doorHostKey == nil) {
            faults.append("door: address and host_key come together")
        }
        if sessionIdle > sessionAbsolute { faults.append("session.idle: longer than session.absolute") }
        guard faults.isEmpty else { throw ConfigurationFaults(lines: faults) }
    }

    /// Factors that a way names, but nothing here proves.
    private var missingFactors: [String] {
        let known = ["password", "totp", "webauthn", "sshkey", "device", "pam"] + providers.map(\.factor)
        return Set(signInWays.flatMap(\.names)).subtracting(known).sorted()
    }

    /// The list of identity providers; returns all that is wrong with it.
    private mutating func readProviders(_ table: TOMLTable) -> [String] {
        guard let value = table["oidc"] else { return [] }
        guard let entries = value.array?.map(\.table), entries.count <= 64 else {
            return ["oidc: expected [[oidc]] for each provider"]
        }
        var faults: [String] = []
        for (position, entry) in entries.enumerated() {
            guard let entry else { return ["oidc: expected [[oidc]] for each provider"] }
            switch ProviderEntry.read(entry, at: "oidc[\(position)]") {
            case .success(let provider): providers.append(provider)
            case .failure(let found): faults += found.lines
            }
        }
        for (kind, all) in [("name", providers.map(\.name.text)), ("issuer", providers.map(\.issuer.text))]
        where Set(all).count < all.count {
            faults.append("oidc: two providers have one \(kind)")
        }
        return faults
    }

    private static func unknown(_ table: TOMLTable) -> [String] {
        let known = Set(Setting.all.map(\.path))
        return table.keys.filter { $0 != "oidc" }.sorted().flatMap { section -> [String] in
            guard let inner = table[section]?.table else { return ["\(section): not a known section"] }
            return inner.keys.sorted().map { "\(section).\($0)" }.filter { !known.contains($0) }
                .map { "\($0): not a known key" }
        }
    }

    /// The commented file with every default: what `reeved config` prints.
    static var commentedFile: String {
        var lines = ["# Keyreeve server configuration. Every line shows its default.", ""]
        var section = ""
        for setting in Setting.all {
            if setting.section != section {
                if !section.isEmpty { lines.append("") }
                section = setting.section
                lines.append("[\(section)]")
            }
            lines.append("# \(setting.comment)")
            lines.append(
                setting.standard.map { "\(setting.key) = \($0)" } ?? "# \(setting.key) = \(setting.example)")
        }
        return lines.joined(separator: "\n") + "\n\n" + ProviderEntry.commented
    }
}
