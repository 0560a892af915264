/// Hands out dense serials from blocks reserved in the database.
package actor SerialBlocks {
    /// Small enough that the serials a killed process leaves behind stay few in the KRL.
    static let blockSize: UInt64 = 256

    private let certificates: any Certificates
    private let node: String
    private var block: ClosedRange<UInt64>?
    private var reserving: Task<Result<ClosedRange<UInt64>, StoreError>, Never>?

    package init(_ certificates: any Certificates, node: String) {
        self.certificates = certificates
        self.node = node
    }

    /// Never the same twice, whatever happens to this process.
    func next() async throws(AuthorityError) -> UInt64 {
        while true {
            if let block {
                self.block =
                    block.lowerBound < block.upperBound ? block.lowerBound + 1...block.upperBound : nil
                return block.lowerBound
            }
            switch await reserved() {
            case .success(let fresh): if block == nil, take(fresh) { continue }
            case .failure(let error): throw .store(error)
            }
        }
    }

    private var taken: UInt64 = 0

    /// Several callers wait for one reservation; only the first of them may open it.
    private func take(_ fresh: ClosedRange<UInt64>) -> Bool {
        guard fresh.lowerBound > taken else { return true }
        taken = fresh.upperBound
        block = fresh
        return true
    }

    private func reserved() async -> Result<ClosedRange<UInt64>, StoreError> {
        if let reserving { return await reserving.value }
        let task = Task {
            let result = await reservation()
            // Here and not by whoever waits: nobody may find a reservation that is over and taken.
            self.reserving = nil
            return result
        }
        reserving = task
        return await task.value
    }

    private func reservation() async -> Result<ClosedRange<UInt64>, StoreError> {
        do throws(StoreError) {
            return .success(try await certificates.reserveSerials(node: node, count: SerialBlocks.blockSize))
        } catch {
            return .failure(error)
        }
    }
}
