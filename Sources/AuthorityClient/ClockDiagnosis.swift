import AuthorityAPI
import NIOSSL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Tells whether a wrong clock is why a call failed: proofs are refused then, and certificates of servers seem to have
/// expired. A person who reads "untrusted" would look in the wrong place.
extension AuthorityConnection {
    /// Seconds by which clocks may differ before it is worth a word; the server lets proofs of the last 60 s pass.
    private static let tolerance: Int64 = 30

    /// The same error, or what it comes from.
    func diagnosed(_ error: ClientError) async -> ClientError {
        switch error {
        case .refused(let problem) where problem.status == 401 && problem.code == "proof-invalid":
            guard let info = try? await call(.authority, as: AuthorityInfo.self).0 else { return error }
            return ClockDifference(here: now(), there: info.now).error ?? error
        case .untrusted:
            guard let server = order.next.first, let shown = try? await ServerTrust.shownValidity(of: server)
            else { return error }
            return Self.outside(shown, of: server, now: now()).map { .wrongClock($0) } ?? error
        default: return error
        }
    }

    /// What is wrong with a certificate as of now; nil if nothing is, or if only its holder can be to blame.
    private static func outside(
        _ validity: ClosedRange<Int64>, of server: ServerAddress, now: UInt64
    ) -> String? {
        let now = Int64(clamping: now)
        guard !validity.contains(now) else { return nil }
        let (first, last) = (
            ClockDifference.text(validity.lowerBound), ClockDifference.text(validity.upperBound)
        )
        return
            "the certificate of \(server) counts from \(first) to \(last), and here it is \(ClockDifference.text(now))"
    }

    /// The time here and at the authority, in seconds since 1970.
    struct ClockDifference {
        let here: UInt64
        let there: UInt64

        /// nil while they agree.
        var error: ClientError? {
            let difference = Int64(clamping: here).subtractingReportingOverflow(Int64(clamping: there))
                .partialValue
            guard difference.magnitude > AuthorityConnection.tolerance.magnitude else { return nil }
            let way = difference > 0 ? "ahead of" : "behind"
            let (ours, theirs) = (Self.text(Int64(clamping: here)), Self.text(Int64(clamping: there)))
            return .wrongClock(
                "the clock here is \(Self.length(difference.magnitude)) \(way) the authority's: \(ours), not \(theirs)"
            )
        }

        static func text(_ seconds: Int64) -> String {
            Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        }

        private static func length(_ seconds: UInt64) -> String {
            let units: [(UInt64, String)] = [(86_400, "days"), (3_600, "hours"), (60, "minutes")]
            guard let (size, unit) = units.first(where: { seconds >= 2 * $0.0 }) else {
                return "\(seconds) seconds"
            }
            return "\((seconds + size / 2) / size) \(unit)"
        }
    }
}
