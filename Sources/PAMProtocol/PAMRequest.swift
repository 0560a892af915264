package import Names
import SSHFormats

/// Who is to be authenticated, and where they are.
package struct PAMOpening: Hashable, Sendable {
    package enum Standing: UInt8, Sendable {
        /// A person whose name is asked as it is; accounts of the system are turned down.
        case person = 0
        /// A person for whom an admin has set this login.
        case mapped
        /// Nobody who may sign in: the stack is asked as somebody else, and whatever it says means no.
        case nobody
    }

    /// Longest name, in bytes.
    package static let longestName = 1_024

    package let standing: Standing
    /// `PAM_USER`; without meaning for ``Standing/nobody``.
    package let user: String
    /// What messages show in place of the user that the stack is asked as: the name as it was typed.
    package let shown: String
    /// `PAM_RHOST`: the numeric address of the person.
    package let source: String

    package init(_ standing: Standing, user: String, shown: String, source: String) {
        self.standing = standing
        self.user = user
        self.shown = shown
        self.source = source
    }
}

/// What the server may say to a worker.
package enum PAMRequest: Sendable {
    /// First, and once.
    case begin(PAMOpening)
    /// An answer to each message of the last round that is answered, in order.
    case answers([Secret<[UInt8]>])

    /// The version that this code speaks.
    package static let version: UInt32 = 1
    /// Bytes of one answer; a longer one is refused, never cut.
    package static let longestAnswer = 1_024

    private enum Kind: UInt8 { case begin = 1, answers }

    /// - Throws: ``PAMFault/malformed(_:)``.
    package init(_ frame: PAMFrame) throws(PAMFault) {
        guard let kind = Kind(rawValue: frame.type) else { throw .malformed("no request \(frame.type)") }
        do {
            var reader = WireReader(frame.payload)
            switch kind {
            case .begin: self = .begin(try Self.opening(&reader))
            case .answers: self = .answers(try Self.list(&reader))
            }
            try reader.end()
        } catch {
            throw .malformed("request \(frame.type)")
        }
    }

    package var frame: PAMFrame {
        var writer = WireWriter()
        switch self {
        case .begin(let opening):
            writer.uint32(Self.version)
            writer.byte(opening.standing.rawValue)
            writer.string(opening.user)
            writer.string(opening.shown)
            writer.string(opening.source)
            return PAMFrame(type: Kind.begin.rawValue, payload: writer.bytes)
        case .answers(let answers):
            for answer in answers { answer.withExposed { writer.string($0) } }
            return PAMFrame(type: Kind.answers.rawValue, payload: writer.bytes)
        }
    }

    private static func opening(_ reader: inout WireReader) throws -> PAMOpening {
        guard try reader.uint32() == version,
            let standing = PAMOpening.Standing(rawValue: try reader.byte())
        else { throw PAMFault.malformed("another version, or no known standing") }
        return PAMOpening(
            standing, user: try reader.text(limit: PAMOpening.longestName),
            shown: try reader.text(limit: PAMOpening.longestName), source: try reader.text(limit: 64))
    }

    private static func list(_ reader: inout WireReader) throws -> [Secret<[UInt8]>] {
        var answers: [Secret<[UInt8]>] = []
        while !reader.isAtEnd {
            let answer = Array(try reader.string(limit: longestAnswer))
            guard answers.count < PAMMessage.mostAtOnce, !answer.contains(0) else {
                throw PAMFault.malformed("too many answers, or a NUL in one")
            }
            answers.append(Secret(answer))
        }
        return answers
    }
}
