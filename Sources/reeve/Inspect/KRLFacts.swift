import SSHFormats

/// A key revocation list.
struct KRLFacts: InspectedFacts {
    struct Authority: Encodable {
        /// Fingerprint of its key; nil: every authority.
        let authority: String?
        /// `7` or `7-12`.
        let serials: [String]
        let keyIDs: [String]
    }

    let kind = "KRL"
    let version: UInt64
    let generated: UInt64
    let comment: String
    let certificates: [Authority]
    let keys: [String]
    let fingerprints: [String]
    let sha1Hashes: Int

    private enum CodingKeys: String, CodingKey {
        case kind, version, generated, comment, certificates, keys, fingerprints, sha1Hashes
    }

    init(_ krl: KRL) {
        version = krl.version
        generated = krl.generated.seconds
        comment = krl.comment
        certificates = krl.certificates.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
            blob, revoked in
            Authority(
                authority: blob.isEmpty ? nil : Fingerprint(of: blob).description,
                serials: revoked.serials.runs.map(Self.text),
                keyIDs: revoked.keyIDs.map { String(decoding: $0, as: UTF8.self) }.sorted())
        }
        keys = krl.keys.map { Fingerprint(of: $0).description }.sorted()
        fingerprints = krl.fingerprints.map(\.description).sorted()
        sha1Hashes = krl.sha1Hashes.count
    }

    var lines: [String] {
        var lines = ["KRL version \(version), made \(Moment.text(generated))"]
        for authority in certificates {
            lines.append("of authority \(authority.authority ?? "any"):")
            lines += authority.serials.map { "  serial \($0)" } + authority.keyIDs.map { "  key ID \($0)" }
        }
        lines += (keys + fingerprints).map { "key \($0)" }
        if sha1Hashes > 0 { lines.append("\(sha1Hashes) SHA-1 hashes of keys") }
        return lines
    }

    private static func text(_ run: ClosedRange<UInt64>) -> String {
        run.count == 1 ? "\(run.lowerBound)" : "\(run.lowerBound)-\(run.upperBound)"
    }
}
