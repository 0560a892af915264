import AuthorityAPI
import Logging

/// What the log is told of requests: codes, never tokens, proofs, bodies, addresses' queries or unknown paths.
struct RequestLog: Sendable {
    let logger: Logger

    /// Refusals are news for whoever looks for them; failures are for everybody.
    func note(_ failure: Failure, route: Route?, requestID: String, source: String) {
        var metadata: Logger.Metadata = [
            "request": .string(requestID), "route": .string(route?.rawValue ?? "unknown"),
            "status": .stringConvertible(failure.status), "code": .string(failure.code),
            "source": .string(source),
        ]
        guard let cause = failure.cause else {
            logger.info("refused", metadata: metadata)
            return
        }
        metadata["cause"] = .string(RequestLog.line(cause))
        logger.error("failed", metadata: metadata)
    }

    /// One line of printable ASCII, at most 1,000 bytes of it.
    static func line(_ text: String) -> String {
        String(
            decoding: text.utf8.prefix(1000).map { (0x20...0x7e).contains($0) ? $0 : UInt8(ascii: "?") },
            as: UTF8.self)
    }
}
