import Names
package import SSHFormats

extension CAKeyDesk {
    /// Notes which host CA keys a device has in its known hosts.
    ///
    /// - Returns: Whether a rotation still has to hear that from this device.
    package func note(
        known keys: [Fingerprint], by requester: Requester
    ) async throws(AuthorityError) -> Bool {
        guard let device = requester.device?.id, let key = book.sets?.key(.host, .prepared) else {
            return false
        }
        let fingerprint = key.publicKey.fingerprint
        do {
            guard try await !store.knows(fingerprint, device) else { return false }
            guard keys.contains(fingerprint) else { return true }
            let fact = Fact.caKey(.held(fingerprint, by: device, at: recorder.world.now()))
            _ = try await recorder.journal.record(Entry([fact], event: nil))
            return false
        } catch {
            throw .store(error)
        }
    }
}
