import Authority
import Names
import SSHFormats

/// Values that stores are filled with.
enum Sample {
    static let noon = UnixTime(1_800_000_000)

    static func person(
        _ name: String = "alice", login: String? = nil, at time: UnixTime = noon
    ) throws -> Identity {
        let attributes = IdentityAttributes(
            login: try login.map { try Login($0) }, loginBy: login == nil ? .provider : .admin)
        return Identity(
            id: IdentityID(.person, try Name(name)), owner: nil, attributes: attributes, createdAt: time)
    }

    static func device(_ name: String, of owner: IdentityID) throws -> Identity {
        Identity(id: IdentityID(.device, try Name(name)), owner: owner, createdAt: noon)
    }

    static func host(
        _ name: String, owner: IdentityID, aliases: [String] = [], addresses: [String] = [],
        labels: [String] = []
    ) throws -> Identity {
        Identity(
            id: IdentityID(.host, try Name(host: name)), owner: owner,
            attributes: IdentityAttributes(
                aliases: try aliases.map { try Name(host: $0) }, addresses: addresses,
                labels: Set(try labels.map { try Label($0) })),
            createdAt: noon)
    }

    /// The same key for the same number.
    static func privateKey(_ number: UInt8) throws -> PrivateKey {
        try PrivateKey(ed25519Seed: [UInt8](repeating: number, count: 32))
    }

    static func key(_ number: UInt8, of identity: IdentityID) throws -> RegisteredKey {
        RegisteredKey(
            publicKey: try privateKey(number).publicKey, identity: identity, purpose: .authenticate,
            origin: "enrolment", createdAt: noon)
    }

    static func session(
        _ id: String, of identity: IdentityID, device: IdentityID? = nil, key: UInt8 = 1
    ) throws -> Session {
        Session(
            id: id, identity: identity, device: device,
            factors: [.password: noon, .totp: noon.advanced(by: 5)],
            boundTo: try privateKey(key).publicKey.fingerprint, source: "192.0.2.1", startedAt: noon,
            lastUsedAt: noon)
    }

    static func link(_ number: UInt8, for identity: IdentityID) -> EnrolmentLink {
        EnrolmentLink(
            tokenHash: hash(number), identity: identity, madeBy: nil, notAfter: noon.advanced(by: 900))
    }

    static func certificate(
        _ serial: UInt64, for identity: IdentityID, device: IdentityID? = nil, key: UInt8 = 1,
        authority: CertificateAuthority = .user, issuedAt: UnixTime = noon, seconds: Int64 = 28_800
    ) throws -> IssuedCertificate {
        let signer = try privateKey(250)
        let draft = try CertificateDraft(
            kind: authority == .host ? .host : .user, publicKey: try privateKey(key).publicKey,
            serial: serial,
            keyID: "\(identity)", principals: try Principals(["deploy@web1"]),
            validity: try Validity(
                validAfter: issuedAt.advanced(by: -60), validBefore: issuedAt.advanced(by: seconds)),
            nonce: [UInt8](repeating: 7, count: 32), signatureKey: signer.publicKey)
        return IssuedCertificate(
            authority: authority, certificate: try draft.sealed(with: try signer.sign(draft.toBeSigned)),
            identity: identity, device: device, grant: try Name("deploy"), sessionID: nil, issuedAt: issuedAt)
    }

    static func event(_ number: Int) -> Event {
        Event(
            time: noon, action: .denied, actor: nil, requestID: "r\(number)", source: "192.0.2.1",
            details: ["number": .number(UInt64(number))])
    }

    static func claim(
        _ number: UInt8, body: UInt8 = 0, until: UnixTime = noon.advanced(by: 86_400)
    ) -> IdempotencyClaim {
        IdempotencyClaim(scopeHash: hash(number), bodyHash: hash(body), notAfter: until)
    }

    static func hash(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 32) }
}
