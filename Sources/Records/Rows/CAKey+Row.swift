import Authority
import SSHFormats

extension CAKey {
    /// The columns that ``init(_:)`` reads and, behind the first, ``values`` fill, in their order.
    static let columns = """
        position, authority, fingerprint, public_key, state, since, sealed, epoch, version, last_expiry, is_stolen
        """

    init(_ row: SQLRow) throws(StoreError) {
        guard let publicKey = try? PublicKey(blob: try row.bytes(3)) else { throw .unreadable("a CA key") }
        self.init(
            authority: try row.one(CertificateAuthority.self, 1), publicKey: publicKey,
            state: try row.one(CAKeyState.self, 4), since: try row.time(5), sealed: try row.bytes(6),
            carried: HostStateNumber(epoch: try row.count(7), version: try row.count(8)),
            lastExpiry: try row.optional(9) { (row, column) throws(StoreError) in try row.time(column) },
            isStolen: try row.integer(10) == 1)
    }

    var values: [SQLValue] {
        [
            .text(authority.rawValue), .bytes(publicKey.fingerprint.bytes), .bytes(publicKey.blob),
            .text(state.rawValue), .time(since), .bytes(sealed), .count(carried.epoch),
            .count(carried.version), .time(lastExpiry), .integer(isStolen ? 1 : 0),
        ]
    }
}
