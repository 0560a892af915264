import Synchronization

/// Hands out dense serials from blocks reserved in the database.
package final class SerialBlocks: Sendable {
    /// Small enough that the serials a killed process leaves behind stay few in the KRL.
    static let blockSize: UInt64 = 256

    private typealias Reservation = Task<Result<Void, StoreError>, Never>

    private struct State {
        /// What is left of the block.
        var block: ClosedRange<UInt64>?
        /// All of it.
        var reserved: ClosedRange<UInt64>?
        var reservation: Reservation?
    }

    private enum Draw { case serial(UInt64), wait(Reservation) }

    private let certificates: any Certificates
    private let node: String
    private let state = Mutex(State())

    package init(_ certificates: any Certificates, node: String) {
        self.certificates = certificates
        self.node = node
    }

    /// Never the same twice, whatever happens to this process.
    func next() async throws(AuthorityError) -> UInt64 {
        while true {
            switch draw() {
            case .serial(let serial): return serial
            case .wait(let reservation):
                do { try await reservation.value.get() } catch { throw .store(error) }
            }
        }
    }

    /// Gives up what is left of the block that a voided serial came from.
    func drop(blockOf serial: UInt64) {
        state.withLock { state in
            guard state.reserved?.contains(serial) == true else { return }
            (state.block, state.reserved) = (nil, nil)
        }
    }

    /// The next of the block; where there is none, the one reservation that all wait for.
    private func draw() -> Draw {
        state.withLock { state in
            if let block = state.block {
                let isLast = block.lowerBound == block.upperBound
                state.block = isLast ? nil : block.lowerBound + 1...block.upperBound
                return .serial(block.lowerBound)
            }
            let reservation = state.reservation ?? Task { await reserve() }
            state.reservation = reservation
            return .wait(reservation)
        }
    }

    private func reserve() async -> Result<Void, StoreError> {
        let result: Result<ClosedRange<UInt64>, StoreError>
        do throws(StoreError) {
            result = .success(
                try await certificates.reserveSerials(node: node, count: SerialBlocks.blockSize))
        } catch {
            result = .failure(error)
        }
        // The block opens and the reservation ends in one step: nobody starts a second one beside an open block.
        state.withLock { state in
            state.block = try? result.get()
            state.reserved = state.block
            state.reservation = nil
        }
        return result.map { _ in }
    }
}
