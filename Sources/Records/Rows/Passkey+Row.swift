import Authority
import Names
import SSHFormats

extension Passkey {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = """
        id, identity, handle, algorithm, public_key, sign_count, transports, backup_eligible, backed_up, name, \
        created_at, last_used_at, resident_key
        """

    init(_ row: SQLRow) throws(StoreError) {
        let name: Name
        do { name = try Name(try row.text(9)) } catch { throw .unreadable("a passkey's name") }
        self.init(
            id: try row.bytes(0), person: try row.id(1), handle: try row.bytes(2),
            key: PasskeyKey(try row.one(PasskeyAlgorithm.self, 3), try row.bytes(4)),
            signCount: UInt32(truncatingIfNeeded: try row.count(5)),
            transports: try row.text(6).split(separator: " ").map(String.init),
            isBackupEligible: try row.count(7) == 1, isBackedUp: try row.count(8) == 1,
            residentKey: try row.one(ResidentKey.self, 12), name: name,
            createdAt: try row.time(10),
            lastUsedAt: try row.optional(11) { (row, column) throws(StoreError) in try row.time(column) })
    }

    /// The values of the columns above.
    var values: [SQLValue] {
        [
            .bytes(id), .id(person), .bytes(handle), .text(key.algorithm.rawValue), .bytes(key.bytes),
            .count(UInt64(signCount)), .text(transports.joined(separator: " ")),
            .count(isBackupEligible ? 1 : 0), .count(isBackedUp ? 1 : 0), .text(name.text),
            .time(createdAt), .time(lastUsedAt), .text(residentKey.rawValue),
        ]
    }
}

extension PasskeyRequest {
    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = """
        id, token_hash, purpose, number, challenge, verification, bound_to, source, asked_at, state, \
        registers_for, handle, name, proven, proof, resident_key, listed
        """

    init(_ row: SQLRow) throws(StoreError) {
        let person = try row.optional(10) { (row, column) throws(StoreError) in try row.id(column) }
        let proven = try row.optional(13) { (row, column) throws(StoreError) in try row.id(column) }
        var registration: Registration?
        if let person {
            let name: Name
            do { name = try Name(try row.text(12)) } catch { throw .unreadable("a passkey's name") }
            registration = Registration(
                person: person, handle: try row.bytes(11), name: name,
                residentKey: try row.one(ResidentKey.self, 15))
        }
        let listed = try row.optional(16) { (row, column) throws(StoreError) in try row.id(column) }
        self.init(
            id: try row.text(0), tokenHash: try row.bytes(1), purpose: try row.one(Purpose.self, 2),
            number: try row.text(3), challenge: try row.bytes(4),
            verification: try row.one(UserVerification.self, 5), key: try row.fingerprint(6),
            source: try row.text(7), askedAt: try row.time(8), registration: registration,
            listed: listed, state: try row.one(State.self, 9),
            proof: try proven.map { (proven) throws(StoreError) in
                Proof(proven, try row.bytes(14))
            })
    }

    /// The values of the columns above.
    var values: [SQLValue] {
        [
            .text(id), .bytes(tokenHash), .text(purpose.rawValue), .text(number), .bytes(challenge),
            .text(verification.rawValue), .bytes(key.bytes), .text(source), .time(askedAt),
            .text(state.rawValue), .id(registration?.person), .bytes(registration?.handle),
            .text(registration?.name.text), .id(proof?.person), .bytes(proof?.bytes),
            .text((registration?.residentKey ?? .required).rawValue), .id(listed),
        ]
    }
}
