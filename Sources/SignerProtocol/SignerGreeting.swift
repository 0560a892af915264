package import SSHFormats

/// The signer's answer to hello: who it is and which keys it holds.
package struct SignerGreeting: Hashable, Sendable {
    /// Version of the protocol that the signer speaks.
    package let version: UInt32
    /// Random at every start of the process: another value means that it was restarted.
    package let instance: [UInt8]
    package let keys: [SignerKey]

    package init(version: UInt32, instance: [UInt8], keys: [SignerKey]) {
        self.version = version
        self.instance = instance
        self.keys = keys
    }

    /// Most keys in one greeting.
    private static let keyLimit = 256

    init(from reader: inout WireReader) throws {
        version = try reader.uint32()
        instance = Array(try reader.string(limit: 64))
        var list = WireReader(try reader.string())
        var keys: [SignerKey] = []
        while !list.isAtEnd {
            guard keys.count < Self.keyLimit else { throw WireError.unexpected("keys") }
            keys.append(try SignerKey(from: &list))
        }
        self.keys = keys
    }

    func write(to writer: inout WireWriter) {
        writer.uint32(version)
        writer.string(instance)
        writer.string { writer in for key in keys { key.write(to: &writer) } }
    }
}

/// A key that the signer holds, as the world may know it.
package struct SignerKey: Hashable, Sendable {
    package let role: SignerRole
    package let publicKey: PublicKey
    package let state: KeySetState
    /// The profile in words, for logs and people.
    package let profile: String

    package init(role: SignerRole, publicKey: PublicKey, state: KeySetState, profile: String) {
        self.role = role
        self.publicKey = publicKey
        self.state = state
        self.profile = profile
    }

    init(from reader: inout WireReader) throws {
        guard let role = SignerRole(rawValue: try reader.text(limit: 32)) else {
            throw WireError.unexpected("role")
        }
        self.role = role
        publicKey = try PublicKey(blob: try reader.string(limit: 2_048))
        guard let state = KeySetState(rawValue: try reader.text(limit: 32)) else {
            throw WireError.unexpected("state")
        }
        self.state = state
        profile = try reader.text(limit: 4_096)
    }

    func write(to writer: inout WireWriter) {
        writer.string(role.rawValue)
        writer.string(publicKey.blob)
        writer.string(state.rawValue)
        writer.string(profile)
    }
}

/// Where a key of a key set stands; only `signing` keys sign.
package enum KeySetState: String, Hashable, Sendable, CaseIterable {
    case prepared, signing, retiring, retired

    package func mayBecome(_ next: KeySetState) -> Bool {
        switch (self, next) {
        case (.prepared, .signing), (.prepared, .retired), (.signing, .retiring), (.retiring, .retired): true
        case (.prepared, _), (.signing, _), (.retiring, _), (.retired, _): false
        }
    }
}
