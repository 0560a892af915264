import AuthorityAPI
import Logging

/// What the log is told of requests, one line each: codes and routes of the table, never tokens, proofs, bodies, header
/// fields, queries or paths as they were sent.
struct RequestLog: Sendable {
    let logger: Logger

    /// Refusals are news for whoever looks for them; failures are for everybody.
    func note(_ served: Served) {
        let level: Logger.Level = served.failure?.cause == nil ? .info : .error
        guard level >= logger.logLevel else { return }
        var metadata: Logger.Metadata = [
            "request": .string(served.requestID), "route": .string(served.name),
            "status": .stringConvertible(served.status), "source": .string(served.source),
            "ms": .stringConvertible((served.seconds * 1_000_000).rounded() / 1_000),
        ]
        if let identity = served.identity { metadata["identity"] = .string(identity) }
        if let failure = served.failure { metadata["code"] = .string(failure.code) }
        if let cause = served.failure?.cause { metadata["cause"] = .string(RequestLog.line(cause)) }
        logger.log(level: level, served.failure?.word ?? "served", metadata: metadata)
    }

    /// One line of printable ASCII, at most 1,000 bytes of it.
    static func line(_ text: String) -> String {
        String(
            decoding: text.utf8.prefix(1000).map { (0x20...0x7e).contains($0) ? $0 : UInt8(ascii: "?") },
            as: UTF8.self)
    }
}

/// A request that has its answer.
struct Served {
    let route: Route?
    var scim: SCIMRoute?
    let requestID: String
    /// Numeric address of the peer.
    let source: String
    /// Who proved to be calling; nil where nobody did.
    let identity: String?
    let status: Int
    /// nil where all went well.
    let failure: Failure?
    /// From the head of the request to its answer.
    let seconds: Double

    /// One of the tables' routes, or ``unknown``.
    var name: String { route?.rawValue ?? scim?.rawValue ?? Served.unknown }
    static let unknown = "unknown"
}

extension Failure {
    /// How the log calls it.
    fileprivate var word: Logger.Message { cause == nil ? "refused" : "failed" }
}
