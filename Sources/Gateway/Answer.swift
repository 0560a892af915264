import Authority
import AuthorityAPI

/// What a route answers when all went well.
struct Answer: Sendable {
    enum Body: Sendable {
        case bytes([UInt8], type: String)
        /// Server-sent events: the version of the host state, now and whenever it moves; `retry` in milliseconds.
        case stateVersions(AsyncStream<UInt64>, retry: @Sendable () -> Int)
    }

    var status = 200
    let body: Body
    /// Where it stands in the ledger, if it made something.
    var receipt: Receipt?
    var serial: UInt64?
    /// Others that it carries, in place of the usual ones of their names.
    var fields: [(name: HeaderName, value: String)] = []

    init(_ body: Body, receipt: Receipt? = nil, serial: UInt64? = nil) {
        self.body = body
        self.receipt = receipt
        self.serial = serial
    }

    static func json(_ message: some Encodable) -> Answer {
        Answer(.bytes(APICoding.encode(message), type: "application/json"))
    }

    static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Answer {
        Answer(.bytes(Array(text.utf8), type: type))
    }

    static func binary(_ bytes: [UInt8]) -> Answer {
        Answer(.bytes(bytes, type: "application/octet-stream"))
    }

    /// The very bytes that are remembered for a repetition.
    init<Value>(_ outcome: Outcome<Value>, _ once: Once<Value>, serial: UInt64? = nil) {
        self.init(
            .bytes(outcome.reply ?? once.encode(outcome.value), type: "application/json"),
            receipt: outcome.receipt,
            serial: serial)
    }
}
