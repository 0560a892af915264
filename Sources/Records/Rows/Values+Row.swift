import Authority
import Names
import SSHFormats

extension RegisteredKey {
    /// The columns that ``init(_:)`` reads, in its order, of the table by that name.
    static func columns(_ table: String) -> String {
        [
            "blob", "identity", "purpose", "state", "origin", "created_at", "predecessor", "last_used_at",
            "last_used_from", "reauthorized_at",
        ].map { "\(table).\($0)" }.joined(separator: ", ")
    }
    static let columnCount = 10

    init(_ row: SQLRow) throws(StoreError) {
        let blob = try row.bytes(0)
        let key: PublicKey
        do { key = try PublicKey(blob: blob) } catch { throw .unreadable("a public key") }
        self.init(
            publicKey: key, identity: try row.id(1), purpose: try row.one(KeyPurpose.self, 2),
            state: try row.one(KeyState.self, 3), origin: try row.text(4), createdAt: try row.time(5),
            predecessor: try row.optional(6) { (row, column) throws(StoreError) in try row.fingerprint(column)
            },
            reauthorizedAt: try row.optional(9) { (row, column) throws(StoreError) in try row.time(column) },
            lastUsedAt: try row.optional(7) { (row, column) throws(StoreError) in try row.time(column) },
            lastUsedFrom: try row.optional(8) { (row, column) throws(StoreError) in try row.text(column) })
    }
}

extension EnrolmentLink {
    static let columns = "token_hash, identity, made_by, not_after, redeemed_by, completed_at"

    init(_ row: SQLRow) throws(StoreError) {
        self.init(
            tokenHash: try row.bytes(0), identity: try row.id(1),
            madeBy: try row.optional(2) { (row, column) throws(StoreError) in try row.id(column) },
            notAfter: try row.time(3),
            redeemedBy: try row.optional(4) { (row, column) throws(StoreError) in try row.fingerprint(column)
            },
            completedAt: try row.optional(5) { (row, column) throws(StoreError) in try row.time(column) })
    }
}

extension PolicyVersion {
    static let columns = "version, body, applied_by, applied_at, reason"

    init(_ row: SQLRow) throws(StoreError) {
        self.init(
            version: try row.count(0), text: try row.text(1),
            appliedBy: try row.optional(2) { (row, column) throws(StoreError) in try row.id(column) },
            appliedAt: try row.time(3),
            reason: try row.optional(4) { (row, column) throws(StoreError) in try row.text(column) })
    }
}

extension IssuedCertificate {
    static let columns = "authority, bytes, identity, device, grant_name, session, issued_at"

    init(_ row: SQLRow) throws(StoreError) {
        let blob = try row.bytes(1)
        let certificate: Certificate
        do { certificate = try Certificate(blob: blob) } catch { throw .unreadable("a certificate") }
        let grant = try row.optional(4) { (row, column) throws(StoreError) in try row.text(column) }
        self.init(
            authority: try row.one(CertificateAuthority.self, 0), certificate: certificate,
            identity: try row.id(2),
            device: try row.optional(3) { (row, column) throws(StoreError) in try row.id(column) },
            grant: try Self.name(grant),
            sessionID: try row.optional(5) { (row, column) throws(StoreError) in try row.text(column) },
            issuedAt: try row.time(6))
    }

    private static func name(_ text: String?) throws(StoreError) -> Name? {
        guard let text else { return nil }
        do { return try Name(text) } catch { throw .unreadable("a grant's name") }
    }
}
