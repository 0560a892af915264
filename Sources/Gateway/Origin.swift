import AuthorityAPI
import HTTPTypes

/// Where a request comes from.
struct Origin: Hashable, Sendable {
    /// Numeric, without port.
    let address: String
    /// Whether a front door speaks for somebody at that address.
    var isDoor = false
}

extension Door {
    /// The peer, or whom a front door that is believed names in its place. What any other header field claims counts for
    /// nothing.
    ///
    /// - Returns: A failure where there is a voucher and it is not good: it is left out only where anybody may ask anything,
    ///   since the request would count as the door's own.
    func origin(
        of head: HTTPRequest, _ route: Result<Route, DoorError>, _ peer: Peer
    ) -> Result<Origin, BodyError> {
        let given = head.headerFields[values: .door]
        let isPublic = (try? route.get())?.access == .anyone
        guard let text = given.first, !isPublic else { return .success(Origin(address: peer.address)) }
        do throws(DPoPError) {
            guard given.count == 1, !configuration.doors.isEmpty else { throw .badKey }
            let proofs = head.headerFields[values: .dpop]
            guard let proof = proofs.first, proofs.count == 1 else { throw .malformed("one proof") }
            guard (try? route.get())?.takesDoor ?? false else { throw .wrongURL }
            let voucher = try DoorVoucher(
                verifying: text, for: proof, by: configuration.doors, now: keeper.now(),
                tolerance: keeper.tolerance)
            return .success(Origin(address: voucher.address, isDoor: true))
        } catch {
            limits.countUnproven(from: peer.address)
            return .failure(.unread(.badVoucher(error)))
        }
    }
}
