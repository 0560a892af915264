package import Names
package import SSHFormats

/// A sign-in that waits for a browser of whatever machine: who signs in is shown an address and a code, opens the one and
/// types the other there.
package struct BrowserSignIn: Hashable, Sendable {
    /// Codes that may be typed, right and wrong ones.
    package static let mostTries: UInt64 = 5

    /// In the address, 80 random bits: whoever does not have it cannot even guess at the code.
    package let id: String
    /// What must be typed: eight letters.
    package let code: String
    package let provider: Name
    /// What the session would be bound to.
    package let key: Fingerprint
    /// Numeric address of whoever asks.
    package let source: String
    /// What the program that asks calls itself. It may lie.
    package let client: String
    package let askedAt: UnixTime
    package let notAfter: UnixTime
    /// Counts what became of it: of two changes at once one is kept.
    package var turn: UInt64 = 0
    package var tries: UInt64 = 0
    /// The secret of the browser that showed the code, hashed.
    package var browser: [UInt8]?
    /// The `state` that the provider is to send back, hashed.
    package var state: [UInt8]?
    /// What is remembered for the provider's answer, sealed; taken by the first answer.
    package var attempt: [UInt8]?
    package var decision: Decision?
    /// Who came, sealed; once it is approved.
    package var arrival: [UInt8]?

    package enum Decision: String, Hashable, Sendable {
        case approved, denied
        /// Approved, and used for its session.
        case used
    }

    package init(
        id: String, code: String, provider: Name, key: Fingerprint, source: String, client: String,
        askedAt: UnixTime, notAfter: UnixTime
    ) {
        self.id = id
        self.code = code
        self.provider = provider
        self.key = key
        self.source = source
        self.client = client
        self.askedAt = askedAt
        self.notAfter = notAfter
    }

    package func isOpen(at now: UnixTime) -> Bool { decision == nil && now < notAfter }

    /// The next state of it, with something else.
    func next(_ change: (inout BrowserSignIn) -> Void) -> BrowserSignIn {
        var next = self
        next.turn += 1
        change(&next)
        return next
    }

    /// Binds what is sealed to its place.
    var context: String { "browser-sign-in/\(id)" }
}

/// The code that is shown at a terminal and typed in a browser: eight letters of which none is taken for another, and no
/// vowels (RFC 8628 §6.1).
enum BrowserCode {
    private static let letters = Array("BCDFGHJKLMNPQRSTVWXZ".utf8)

    static func draw(_ random: (Int) -> [UInt8]) -> String {
        var code: [UInt8] = []
        while code.count < 8 {
            // 240 is the largest multiple of 20 in a byte: no letter comes more often.
            for byte in random(16) where byte < 240 && code.count < 8 {
                code.append(letters[Int(byte) % letters.count])
            }
        }
        return String(decoding: code, as: UTF8.self)
    }

    /// As it is shown.
    static func shown(_ code: String) -> String { "\(code.prefix(4))-\(code.dropFirst(4))" }

    /// As it is compared: hyphens, spaces and lower case do not count.
    static func read(_ typed: String) -> [UInt8] {
        typed.utf8.prefix(64).filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }.map {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 - 32 : $0
        }
    }
}
