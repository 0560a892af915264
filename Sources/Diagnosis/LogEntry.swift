/// A message that sshd can log, and what it means for whoever wanted in.
struct LogEntry: Sendable {
    /// What stands for a `%` of the template.
    enum Field: String, Hashable, Sendable {
        case user, address, port, fingerprint, keyID, serial, caFingerprint
        /// Kind of key, as sshd writes it: `ED25519-CERT`.
        case key
        /// A file, folder or program.
        case path
        /// Whatever else is worth a word.
        case detail
        /// Without interest.
        case none
    }

    let code: String
    let outcome: LogReading.Outcome
    let template: LogTemplate
    let fields: [Field]
    /// With `{user}` and the like for the values.
    let reason: String
    let next: String?

    static func failed(
        _ code: String, _ template: String, _ fields: [Field] = [], because reason: String, next: String
    ) -> LogEntry {
        LogEntry(
            code: code, outcome: .failed, template: LogTemplate(template), fields: fields, reason: reason,
            next: next)
    }

    /// Of a login that did not fail, or of no login.
    static func other(
        _ code: String, _ template: String, _ fields: [Field] = [], _ reason: String
    ) -> LogEntry {
        LogEntry(
            code: code, outcome: code == "accepted" ? .succeeded : .nothing, template: LogTemplate(template),
            fields: fields, reason: reason, next: nil)
    }

    /// nil where the message is another one.
    func reading(of message: ArraySlice<UInt8>) -> LogReading? {
        guard let values = template.values(in: message), values.count == fields.count else { return nil }
        var found: [Field: String] = [:]
        for (field, value) in zip(fields, values) { found[field] = PlainText.harmless(value) }
        // A number that is none shows that the words came about otherwise.
        let serial = found[.serial].map { UInt64($0) }
        if case .some(nil) = serial { return nil }
        return LogReading(
            code: code, outcome: outcome, reason: Self.fill(reason, found),
            next: next.map { Self.fill($0, found) },
            user: found[.user], address: found[.address], fingerprint: found[.fingerprint],
            keyID: found[.keyID], serial: serial ?? nil, caFingerprint: found[.caFingerprint])
    }

    private static func fill(_ text: String, _ values: [Field: String]) -> String {
        var filled = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            filled += rest[..<open]
            let name = String(rest[rest.index(after: open)..<close])
            filled += Field(rawValue: name).flatMap { values[$0] } ?? ""
            rest = rest[rest.index(after: close)...]
        }
        return filled + rest
    }
}

/// What a line of sshd's log says about a login.
package struct LogReading: Encodable, Hashable, Sendable {
    package enum Outcome: String, Encodable, Hashable, Sendable {
        case failed, succeeded
        /// The line is known, and says nothing of success or failure.
        case nothing
        /// The line is not known; nothing is made up.
        case unknown
    }

    /// Stable: for machines.
    package let code: String
    package let outcome: Outcome
    /// One sentence.
    package let reason: String
    package let next: String?
    /// What the line itself names.
    package let user: String?
    package let address: String?
    /// Of the key, `SHA256:…`.
    package let fingerprint: String?
    package let keyID: String?
    package let serial: UInt64?
    /// Of the CA's key.
    package let caFingerprint: String?

    init(
        code: String, outcome: Outcome, reason: String, next: String? = nil, user: String? = nil,
        address: String? = nil, fingerprint: String? = nil, keyID: String? = nil, serial: UInt64? = nil,
        caFingerprint: String? = nil
    ) {
        self.code = code
        self.outcome = outcome
        self.reason = reason
        self.next = next
        self.user = user
        self.address = address
        self.fingerprint = fingerprint
        self.keyID = keyID
        self.serial = serial
        self.caFingerprint = caFingerprint
    }

    /// Reads one line; never guesses.
    package init(ofLine line: String) {
        self =
            LogLine(line).flatMap(Self.known)
            ?? LogReading(
                code: "unknown", outcome: .unknown, reason: "this line is not one that is known",
                next:
                    "Look at the lines around it: reeve explain --log - reads several; with LogLevel VERBOSE sshd says more."
            )
    }

    private static func known(_ line: LogLine) -> LogReading? {
        for entry in LogEntry.ofCertificates + LogEntry.ofKeys + LogEntry.ofAccounts + LogEntry.ofConnections
        {
            if let reading = entry.reading(of: line.message) { return reading }
        }
        guard line.isDebugging else { return nil }
        return LogReading(
            code: "debugging", outcome: .nothing, reason: "a word for whoever looks for faults in sshd itself"
        )
    }
}
