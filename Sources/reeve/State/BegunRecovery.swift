import AuthorityAPI
import AuthorityClient
import Posix

/// A recovery that was begun here and did not come to its end, as far as this machine knows: `recovery.json`, with its new key
/// in `recovery.key`. Asked for again, it goes on from where it was.
struct BegunRecovery: Codable {
    /// As the person typed it.
    let name: String
    let begunAt: UInt64
    /// `recovery:colleagues` and the like, once somebody was asked.
    var way: String?
    /// Of the authority, sealed: where somebody is waited for.
    var conversation: String?

    static let file = "recovery.json"
    static let keyFile = "recovery.key"
    /// Seconds that one is kept: as long as the authority waits for colleagues.
    static let lasting: UInt64 = 90_000
}

extension StateFolder {
    /// The one that this person has begun, with its key; nil where there is none, it is too old, or it has come to its end.
    func begunRecovery(of name: String) throws -> (BegunRecovery, DPoPKey)? {
        guard let begun = try record(BegunRecovery.file, as: BegunRecovery.self), begun.name == name,
            WallClock.now() < begun.begunAt + BegunRecovery.lasting,
            let bytes = try file(BegunRecovery.keyFile).readIfPresent(limit: 64),
            try bytes != file(DeviceRecord.keyFile).readIfPresent(limit: 64)
        else { return nil }
        return (begun, try DPoPKey(rawRepresentation: bytes))
    }

    /// Makes the new key, in place of one that was begun with.
    func beginRecovery(of name: String) throws -> (BegunRecovery, DPoPKey) {
        try endRecovery()
        let key = try DPoPKey()
        try file(BegunRecovery.keyFile).write(key.rawRepresentation, mode: 0o600)
        let begun = BegunRecovery(name: name, begunAt: WallClock.now(), way: nil, conversation: nil)
        try write(begun, to: BegunRecovery.file)
        return (begun, key)
    }

    /// Keeps where it waits; nil forgets that.
    func remember(_ conversation: String?, way: String, of begun: BegunRecovery) throws {
        var begun = begun
        begun.way = way
        begun.conversation = conversation
        try write(begun, to: BegunRecovery.file)
    }

    /// Its key is that of the device from now on. The record of the device was written before.
    func finishRecovery(with key: DPoPKey) throws {
        try file(DeviceRecord.keyFile).write(key.rawRepresentation, mode: 0o600)
        try endRecovery()
    }

    func endRecovery() throws {
        for name in [BegunRecovery.file, BegunRecovery.keyFile] { try file(name).remove() }
    }
}
