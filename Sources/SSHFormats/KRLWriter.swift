/// Writes a key revocation list.
enum KRLWriter {
    static func bytes(of krl: KRL) -> [UInt8] {
        var writer = WireWriter(capacity: 4096)
        header(krl, &writer)
        for (authority, revoked) in krl.certificates.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) })
        where !revoked.serials.isEmpty || !revoked.keyIDs.isEmpty {
            writer.byte(KRLFormat.Section.certificates.rawValue)
            writer.string { certificates(of: authority, revoked, &$0) }
        }
        section(.explicitKey, krl.keys, &writer)
        section(.fingerprintSHA1, krl.sha1Hashes, &writer)
        section(.fingerprintSHA256, Set(krl.fingerprints.map(\.bytes)), &writer)
        return writer.bytes
    }

    private static func header(_ krl: KRL, _ writer: inout WireWriter) {
        writer.uint64(KRLFormat.magic)
        writer.uint32(KRLFormat.version)
        writer.uint64(krl.version)
        writer.uint64(krl.generated.seconds)
        writer.uint64(0)
        writer.string("")
        writer.string(krl.comment)
    }

    private static func certificates(
        of authority: [UInt8], _ revoked: KRL.Certificates, _ writer: inout WireWriter
    ) {
        writer.string(authority)
        writer.string("")
        for part in SerialPart.parts(of: revoked.serials) { part.write(to: &writer) }
        guard !revoked.keyIDs.isEmpty else { return }
        writer.byte(KRLFormat.CertificateSection.keyID.rawValue)
        writer.string { strings(revoked.keyIDs, &$0) }
    }

    private static func section(
        _ section: KRLFormat.Section, _ contents: Set<[UInt8]>, _ writer: inout WireWriter
    ) {
        guard !contents.isEmpty else { return }
        writer.byte(section.rawValue)
        writer.string { strings(contents, &$0) }
    }

    private static func strings(_ contents: Set<[UInt8]>, _ writer: inout WireWriter) {
        for content in contents.sorted(by: { $0.lexicographicallyPrecedes($1) }) { writer.string(content) }
    }
}
