import Crypto

/// One line of the signer's log: what was signed or refused, for whom; JSON, without secrets.
struct SigningRecord: Sendable {
    let event: Event
    /// The role of the key that was asked for, or the kind of request.
    let subject: String
    /// Serial of the certificate; nil where there is none.
    let serial: UInt64?
    /// What was to be signed; nil where there is nothing that may be told.
    let bytes: [UInt8]?

    enum Event: Sendable {
        case signed
        case unlocked
        /// A key was `prepared`, `adopted`, `promoted` or `retired`; the bytes are its public half.
        case changed(String)
        case refused(code: String, reason: String)
    }

    init(event: Event, subject: String, serial: UInt64? = nil, bytes: [UInt8]? = nil) {
        self.event = event
        self.subject = subject
        self.serial = serial
        self.bytes = bytes
    }

    /// - Parameters:
    ///   - time: Seconds since 1970 UTC.
    ///   - peer: User at the other end of the socket.
    func line(time: UInt64, peer: UInt32) -> String {
        var line = "{\"time\":\(time),\"peer\":\(peer),\"subject\":\(JSONText.quoted(subject))"
        if let serial { line += ",\"serial\":\"\(serial)\"" }
        if let bytes { line += ",\"sha256\":\"\(Self.hex(SHA256.hash(data: bytes)))\"" }
        switch event {
        case .signed: line += ",\"event\":\"signed\"}\n"
        case .changed(let word): line += ",\"event\":\"\(word)\"}\n"
        case .unlocked: line += ",\"event\":\"unlocked\"}\n"
        case .refused(let code, let reason):
            line += ",\"event\":\"refused\",\"code\":\(JSONText.quoted(code))"
            line += ",\"reason\":\(JSONText.quoted(reason))}\n"
        }
        return line
    }

    private static func hex(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in digest {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Text as a JSON string (RFC 8259 §7): ASCII alone, at most 512 bytes of content, so that one record is one
/// line.
enum JSONText {
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars.prefix(512) {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case " "..."~": quoted.unicodeScalars.append(scalar)
            default: for unit in UTF16.encode(scalar).map(Array.init) ?? [] { quoted += escaped(unit) }
            }
        }
        return quoted + "\""
    }

    private static func escaped(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
