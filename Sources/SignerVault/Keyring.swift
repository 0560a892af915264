import SSHFormats
package import SignerProtocol

/// All keys with their profiles: the content of `signer.keys`.
package struct Keyring: Sendable {
    package internal(set) var keys: [VaultKey]
    package private(set) var profiles: [SignerRole: Profile]
    /// Public halves of keys that were destroyed, the latest last: they never come back.
    var retired: [PublicKey] = []

    private static let magic = "keyreeve-signer-keys@1"
    /// With retired keys, which a signer that knows of none would forget.
    private static let magicWithRetired = "keyreeve-signer-keys@2"
    static let limit = 256

    /// New keys for every role.
    static func make() throws(VaultError) -> Keyring {
        var keys: [VaultKey] = []
        for role in SignerRole.allCases { keys.append(try VaultKey.make(role)) }
        let profiles = SignerRole.allCases.map { ($0, Profile.standard($0)) }
        return Keyring(keys: keys, profiles: Dictionary(uniqueKeysWithValues: profiles))
    }

    /// The one key of that role that signs.
    func signingKey(_ role: SignerRole) -> VaultKey? {
        keys.first { $0.role == role && $0.state == .signing }
    }

    /// Whether it is a key of the authority, or was one.
    func holds(_ publicKey: PublicKey) -> Bool {
        keys.contains { $0.publicKey == publicKey } || retired.contains(publicKey)
    }

    package func profile(_ role: SignerRole) -> Profile { profiles[role] ?? .standard(role) }

    /// Changes what a key may sign.
    package mutating func set(_ words: [String], of role: SignerRole) throws(VaultError) {
        var changed = profile(role)
        try changed.set(words)
        profiles[role] = changed
    }

    /// The keys as the world may know them.
    package var publicKeys: [SignerKey] {
        keys.map { key in
            SignerKey(
                role: key.role, publicKey: key.publicKey, state: key.state,
                profile: profile(key.role).description)
        }
    }

    var encoded: [UInt8] {
        var writer = WireWriter(capacity: 2_048)
        writer.string(retired.isEmpty ? Self.magic : Self.magicWithRetired)
        writer.uint32(UInt32(clamping: keys.count))
        for key in keys { key.write(to: &writer) }
        writer.uint32(UInt32(clamping: profiles.count))
        for (role, profile) in profiles.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            writer.string(role.rawValue)
            writer.string(profile.description)
        }
        guard !retired.isEmpty else { return writer.bytes }
        writer.uint32(UInt32(clamping: retired.count))
        for key in retired { writer.string(key.blob) }
        return writer.bytes
    }
}

extension Keyring {
    /// - Throws: ``WireError``, ``VaultError``: the content is not of this version.
    init(decoding bytes: [UInt8]) throws {
        var reader = WireReader(bytes)
        let magic = try reader.text(limit: 64)
        guard [Self.magic, Self.magicWithRetired].contains(magic) else { throw WireError.unexpected("magic") }
        let keyCount = try reader.uint32()
        guard keyCount <= Self.limit else { throw WireError.unexpected("keys") }
        keys = []
        for _ in 0..<keyCount { keys.append(try VaultKey(from: &reader)) }
        let profileCount = try reader.uint32()
        guard profileCount <= Self.limit else { throw WireError.unexpected("profiles") }
        profiles = [:]
        for _ in 0..<profileCount {
            guard let role = SignerRole(rawValue: try reader.text(limit: 32)) else {
                throw WireError.unexpected("role")
            }
            profiles[role] = try Profile(words: try reader.text())
        }
        if magic == Self.magicWithRetired {
            let retiredCount = try reader.uint32()
            guard retiredCount <= Self.limit else { throw WireError.unexpected("retired") }
            for _ in 0..<retiredCount { retired.append(try PublicKey(blob: try reader.string(limit: 2_048))) }
        }
        try reader.end()
    }
}
