import Names
import SSHFormats

extension Passkey {
    /// As a registration remembers it until it counts.
    func encoded() -> [UInt8] {
        var writer = WireWriter()
        writer.string(id)
        writer.string(person.description)
        writer.string(handle)
        writer.string(key.algorithm.rawValue)
        writer.string(key.bytes)
        writer.uint32(signCount)
        writer.string(transports.joined(separator: " "))
        writer.byte(isBackupEligible ? 1 : 0)
        writer.byte(isBackedUp ? 1 : 0)
        writer.string(residentKey.rawValue)
        writer.string(name.text)
        writer.uint64(createdAt.seconds)
        return writer.bytes
    }

    /// What ``encoded()`` made; nil for anything else.
    init?(_ bytes: [UInt8]) {
        var reader = WireReader(bytes)
        do {
            let id = Array(try reader.string(limit: Passkey.longestID))
            let person = try IdentityID(try reader.text(limit: 256))
            let handle = Array(try reader.string(limit: 64))
            guard let algorithm = PasskeyAlgorithm(rawValue: try reader.text(limit: 16)) else { return nil }
            let key = PasskeyKey(algorithm, Array(try reader.string(limit: 512)))
            let signCount = try reader.uint32()
            let transports = try reader.text(limit: 256).split(separator: " ").map(String.init)
            let isBackupEligible = try reader.byte() == 1
            let isBackedUp = try reader.byte() == 1
            guard let residentKey = ResidentKey(rawValue: try reader.text(limit: 16)) else { return nil }
            let name = try Name(try reader.text(limit: 256))
            let createdAt = UnixTime(try reader.uint64())
            try reader.end()
            self.init(
                id: id, person: person, handle: handle, key: key, signCount: signCount,
                transports: transports, isBackupEligible: isBackupEligible, isBackedUp: isBackedUp,
                residentKey: residentKey, name: name, createdAt: createdAt)
        } catch {
            return nil
        }
    }
}
