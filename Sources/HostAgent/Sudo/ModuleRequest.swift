package import SSHFormats

/// What `pam_reeve.so` asks (Docs/FORMATS.md): the payload of one frame, whose first byte says which.
package enum ModuleRequest: Hashable, Sendable {
    /// sshd has let somebody in (pam_sm_open_session).
    case opened(Opening)
    /// That session is over for sshd.
    case closed(login: String, ProcessOrigin)
    /// Somebody runs sudo or the like, whose authentication or account phase asks.
    case mayAct(Phase, service: String, login: String, ProcessOrigin)

    package enum Phase: UInt8, Hashable, Sendable { case authentication = 1, account }

    package struct Opening: Hashable, Sendable {
        package let service: String
        package let login: String
        package let origin: ProcessOrigin
        /// What really authenticated, as sshd tells PAM: SSH_AUTH_INFO_0.
        package let authInfo: String
        /// `CLIENT PORT SERVER PORT`: SSH_CONNECTION.
        package let connection: String
    }

    /// Longest frame, without its length.
    package static let limit = 524_288
    private static let partLimit = 393_216

    /// - Throws: ``WireError``; ``WireError/unexpected(_:)`` for a type or phase that is not known.
    package init(_ bytes: [UInt8]) throws(WireError) {
        var reader = WireReader(bytes)
        let type = try reader.byte()
        switch type {
        case 1:
            let service = try reader.text(limit: 256)
            let login = try Self.login(&reader)
            let origin = try ProcessOrigin(reading: &reader)
            self = .opened(
                Opening(
                    service: service, login: login, origin: origin,
                    authInfo: try reader.text(limit: Self.partLimit),
                    connection: try reader.text(limit: 256)))
        case 2:
            _ = try reader.string(limit: 256)
            self = .closed(login: try Self.login(&reader), try ProcessOrigin(reading: &reader))
        case 3:
            guard let phase = Phase(rawValue: try reader.byte()) else { throw .unexpected("phase") }
            let service = try reader.text(limit: 256)
            let login = try Self.login(&reader)
            self = .mayAct(phase, service: service, login: login, try ProcessOrigin(reading: &reader))
        default: throw .unexpected("type \(type)")
        }
        try reader.end()
    }

    private static func login(_ reader: inout WireReader) throws(WireError) -> String {
        try reader.text(limit: 32)
    }
}

/// The answer: `byte 1` for yes, `byte 2, string sentence` for no.
package enum ModuleReply: Hashable, Sendable {
    case yes
    /// A sentence for whoever asked; printable ASCII, cut to 512 bytes.
    case no(String)

    /// With its length before it.
    package var frame: [UInt8] {
        var body = WireWriter(capacity: 128)
        switch self {
        case .yes: body.byte(1)
        case .no(let sentence):
            body.byte(2)
            body.string(sentence.utf8.map { (0x20...0x7e).contains($0) ? $0 : 0x3f }.prefix(512))
        }
        var frame = WireWriter(capacity: body.bytes.count + 4)
        frame.string(body.bytes)
        return frame.bytes
    }
}
