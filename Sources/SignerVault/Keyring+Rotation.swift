import SSHFormats
import SignerProtocol

extension Keyring {
    /// Most keys of one role that are held at once.
    private static let most = 16

    /// The prepared key of a certificate authority, which is made where there is none: however often it is asked for, there
    /// is one.
    mutating func prepare(_ role: SignerRole) throws(SignerFault) -> VaultKey {
        if let key = keys.first(where: { $0.role == role && $0.state == .prepared }) { return key }
        try checkRoom(role)
        do {
            let key = try VaultKey.make(role, .prepared)
            keys.append(key)
            return key
        } catch {
            throw SignerFault(.unavailable, "the key could not be made")
        }
    }

    /// Holds a key that another signer prepared. One that is held already stays as it stands.
    mutating func adopt(_ key: VaultKey, _ role: SignerRole) throws(SignerFault) -> VaultKey {
        guard key.role == role else { throw SignerFault(.unknownKey, "that key is for another role") }
        guard !retired.contains(key.publicKey) else { throw Self.gone }
        if let held = keys.first(where: { $0.publicKey == key.publicKey }) { return held }
        try checkRoom(role)
        keys.append(key.standing(.prepared))
        return key
    }

    /// Lets this key sign, and the one that did sign no more.
    mutating func promote(_ role: SignerRole, _ publicKey: PublicKey) throws(SignerFault) {
        let position = try position(role, publicKey)
        guard keys[position].state != .signing else { return }
        guard keys[position].state.mayBecome(.signing) else {
            throw SignerFault(.keyState, "a key that is retiring never signs again")
        }
        for other in keys.indices where keys[other].role == role && keys[other].state == .signing {
            keys[other] = keys[other].standing(.retiring)
        }
        keys[position] = keys[position].standing(.signing)
    }

    /// Forgets the private half for good.
    mutating func retire(_ role: SignerRole, _ publicKey: PublicKey) throws(SignerFault) {
        guard !retired.contains(publicKey) else { return }
        let position = try position(role, publicKey)
        guard keys[position].state.mayBecome(.retired) else {
            throw SignerFault(.keyState, "the key that signs cannot be retired before another does")
        }
        keys.remove(at: position)
        retired = retired.suffix(Self.limit - 1) + [publicKey]
    }

    private func position(_ role: SignerRole, _ publicKey: PublicKey) throws(SignerFault) -> Int {
        guard !retired.contains(publicKey) else { throw Self.gone }
        guard let position = keys.firstIndex(where: { $0.role == role && $0.publicKey == publicKey }) else {
            throw SignerFault(.unknownKey, "there is no such key of that role")
        }
        return position
    }

    private func checkRoom(_ role: SignerRole) throws(SignerFault) {
        guard keys.count(where: { $0.role == role }) < Self.most, keys.count < Self.limit else {
            throw SignerFault(.keyState, "\(Self.most) keys of that role are held; retire some first")
        }
    }

    private static var gone: SignerFault { SignerFault(.keyState, "that key is retired for good") }
}
