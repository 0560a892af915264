import SSHFormats

/// What the stack came to.
package enum PAMVerdict: Hashable, Sendable {
    /// It let the user in, and the account may be used now.
    case proven
    /// It did not, for whatever reason; the text is for the ledger alone.
    case refused(String)
    /// The user proved themselves, but must choose a new password first (`PAM_NEW_AUTHTOK_REQD`).
    case passwordExpired
}

/// What a worker may say to the server.
package enum PAMReply: Hashable, Sendable {
    /// A round: the module waits for an answer to each message that is answered.
    case ask([PAMMessage])
    /// Something to read, while the module goes on.
    case tell([PAMMessage])
    /// Last.
    case ended(PAMVerdict)
    /// Instead of everything: no worker was started.
    case turnedAway(String)

    private enum Kind: UInt8 { case ask = 129, tell, ended, turnedAway }
    private static let longestReason = 256

    /// - Throws: ``PAMFault/malformed(_:)``.
    package init(_ frame: PAMFrame) throws(PAMFault) {
        guard let kind = Kind(rawValue: frame.type) else { throw .malformed("no reply \(frame.type)") }
        do {
            var reader = WireReader(frame.payload)
            switch kind {
            case .ask: self = .ask(try PAMMessage.list(&reader))
            case .tell: self = .tell(try PAMMessage.list(&reader))
            case .ended: self = .ended(try Self.verdict(&reader))
            case .turnedAway: self = .turnedAway(try reader.text(limit: Self.longestReason))
            }
            try reader.end()
        } catch {
            throw .malformed("reply \(frame.type)")
        }
    }

    package var frame: PAMFrame {
        var writer = WireWriter()
        switch self {
        case .ask(let messages):
            for message in messages { message.write(to: &writer) }
            return PAMFrame(type: Kind.ask.rawValue, payload: writer.bytes)
        case .tell(let messages):
            for message in messages { message.write(to: &writer) }
            return PAMFrame(type: Kind.tell.rawValue, payload: writer.bytes)
        case .ended(let verdict):
            Self.write(verdict, to: &writer)
            return PAMFrame(type: Kind.ended.rawValue, payload: writer.bytes)
        case .turnedAway(let reason):
            writer.string(reason)
            return PAMFrame(type: Kind.turnedAway.rawValue, payload: writer.bytes)
        }
    }

    private static func verdict(_ reader: inout WireReader) throws -> PAMVerdict {
        switch try reader.byte() {
        case 0: .proven
        case 1: .refused(try reader.text(limit: longestReason))
        case 2: .passwordExpired
        default: throw PAMFault.malformed("no such verdict")
        }
    }

    private static func write(_ verdict: PAMVerdict, to writer: inout WireWriter) {
        switch verdict {
        case .proven: writer.byte(0)
        case .refused(let reason):
            writer.byte(1)
            writer.string(reason)
        case .passwordExpired: writer.byte(2)
        }
    }
}
