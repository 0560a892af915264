import SSHFormats

/// Where a recovery has come to; it travels sealed with the caller.
enum RecoveryMemory {
    /// It was not asked for yet.
    case asking
    case waiting(Waiting)
    /// Somebody vouched; the secret of the new authenticator app was told.
    case settingUp(Waiting, [UInt8])

    struct Waiting {
        /// Of the pending sign-in, or the number of the request; for nobody one that there is not.
        let id: String
        /// The number that must be told to whoever vouches.
        let shown: String
        let notAfter: UnixTime
        /// The version of the policy that was in force.
        let policy: UInt64
    }

    var bytes: [UInt8] {
        var writer = WireWriter()
        switch self {
        case .asking: writer.byte(0)
        case .waiting(let waiting):
            writer.byte(1)
            writer.add(waiting)
        case .settingUp(let waiting, let secret):
            writer.byte(2)
            writer.add(waiting)
            writer.string(secret)
        }
        return writer.bytes
    }

    /// What ``bytes`` made; nil for anything else.
    init?(_ bytes: [UInt8]) {
        var reader = WireReader(bytes)
        do {
            switch try reader.byte() {
            case 0: self = .asking
            case 1: self = .waiting(try reader.waiting())
            case 2:
                let waiting = try reader.waiting()
                self = .settingUp(waiting, Array(try reader.string(limit: 64)))
            default: return nil
            }
            try reader.end()
        } catch {
            return nil
        }
    }
}

extension WireWriter {
    fileprivate mutating func add(_ waiting: RecoveryMemory.Waiting) {
        string(waiting.id)
        string(waiting.shown)
        uint64(waiting.notAfter.seconds)
        uint64(waiting.policy)
    }
}

extension WireReader {
    fileprivate mutating func waiting() throws(WireError) -> RecoveryMemory.Waiting {
        RecoveryMemory.Waiting(
            id: try text(limit: 64), shown: try text(limit: 8), notAfter: UnixTime(try uint64()),
            policy: try uint64())
    }
}
