import SSHFormats

extension Certificate {
    /// What `ssh-keygen -L` prints for it in UTC, without the line that names the file.
    var listing: String {
        var lines = [
            "        Type: \(type.certificateName) \(kind) certificate",
            "        Public key: \(type.shortName)-CERT \(fingerprint)",
            "        Signing CA: \(signatureKey.type.shortName) \(signatureKey.fingerprint)"
                + " (using \(signature.algorithm))",
            "        Key ID: \"\(keyID)\"",
            "        Serial: \(serial)",
            "        Valid: \(validityText)",
        ]
        let names = principals?.names ?? []
        lines.append("        Principals: " + (names.isEmpty ? "(none)" : ""))
        lines += names.map { "                \($0)" }
        lines += Self.lines("Critical Options", criticalOptions.options)
        lines += Self.lines("Extensions", extensions.options)
        return lines.joined(separator: "\n") + "\n"
    }

    private var validityText: String {
        switch (validAfter.seconds, validBefore.seconds) {
        case (0, .max): "forever"
        case (0, let end): "before \(civilTime(end))"
        case (let start, .max): "after \(civilTime(start))"
        case (let start, let end): "from \(civilTime(start)) to \(civilTime(end))"
        }
    }

    private static func lines(_ title: String, _ options: [CertificateOption]) -> [String] {
        guard !options.isEmpty else { return ["        \(title): (none)"] }
        return ["        \(title): "] + options.map { "                \(line($0, in: title))" }
    }

    private static let flags = [
        "permit-X11-forwarding", "permit-agent-forwarding", "permit-port-forwarding", "permit-pty",
        "permit-user-rc", "no-touch-required",
    ]

    private static func line(_ option: CertificateOption, in title: String) -> String {
        let isCritical = title == "Critical Options"
        if isCritical, ["force-command", "source-address"].contains(option.name) {
            return "\(option.name) \(String(decoding: option.data.dropFirst(4), as: UTF8.self))"
        }
        if isCritical ? option.name == "verify-required" : flags.contains(option.name) { return option.name }
        guard !option.data.isEmpty else { return "\(option.name) UNKNOWN FLAG OPTION" }
        let digits = option.data.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return "\(option.name) UNKNOWN OPTION: \(digits) (len \(option.data.count))"
    }
}

extension KeyType {
    /// The name that `ssh-keygen -l` prints.
    var shortName: String {
        switch self {
        case .ed25519: "ED25519"
        case .ecdsaP256, .ecdsaP384, .ecdsaP521: "ECDSA"
        case .rsa: "RSA"
        case .skEd25519: "ED25519-SK"
        case .skECDSAP256: "ECDSA-SK"
        case .other(let name): name.text
        }
    }
}

/// `2024-01-02T03:04:05` in UTC.
func civilTime(_ seconds: UInt64) -> String {
    let days = Int(seconds / 86_400) + 719_468
    let (era, dayOfEra) = days.quotientAndRemainder(dividingBy: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let time = Int(seconds % 86_400)
    let two = { (value: Int) in (value < 10 ? "0" : "") + String(value) }
    let date = "\(year)-\(two(month))-\(two(dayOfYear - (153 * shifted + 2) / 5 + 1))"
    return "\(date)T\(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60))"
}
