import Crypto
import HostDocuments
import Names
import SSHFormats

/// A host's state as it is sent: signed, with the KRL whose hash it names.
package struct SignedState: Sendable {
    package let payload: [UInt8]
    /// Ed25519 by the hostState key.
    package let signature: [UInt8]
    package let userKRL: [UInt8]
    /// Of that, what live sessions shall end that came by it; empty where there is nothing.
    package let sessions: [UInt8]
    package let hostName: String
}

/// What hosts must hold, signed for each of them.
package struct HostDesk: Sendable {
    /// Seconds that a state counts; agents alarm beyond it, so withholding shows.
    static let lifetime: UInt64 = 86_400

    let lists: RevocationLists
    let signer: any Signer
    let keys: AuthorityKeys
    let recorder: Recorder
    let certificates: any Certificates
    let acknowledgements: any Acknowledgements
    let policies: PolicyDesk
    /// Grows only when the database was restored from a backup.
    let epoch: UInt64

    package func state(for requester: Requester) async throws(AuthorityError) -> SignedState {
        let host = requester.identity
        guard host.id.kind == .host else { throw .refused(.notSignedIn) }
        let (version, userKRL) = try await lists.list(for: .agents)
        let (_, hostKRL) = try await lists.list(for: .everyone(.host))
        let sessions = try await lists.list(for: .sessions).bytes
        // Read after the version: a state never carries older keys than its version says.
        let sets = try await keys.book.sets(atLeast: version)
        let now = recorder.world.now()
        let payload: [UInt8]
        do {
            payload = try HostState(
                host: host.id.name.text, epoch: epoch, version: version, issuedAt: now.seconds,
                notAfter: now.advanced(by: Int64(HostDesk.lifetime)).seconds,
                krlHash: Array(SHA256.hash(data: userKRL)),
                hostKRLHash: Array(SHA256.hash(data: hostKRL)),
                labels: host.attributes.labels.map(\.description),
                userCAKeys: try keys.trusted(.user, in: sets)
            ).encoded
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw .mismatch("the host state cannot be encoded: \(error)")
        }
        do {
            return SignedState(
                payload: payload, signature: try await signer.signHostState(payload), userKRL: userKRL,
                sessions: sessions, hostName: host.id.name.text)
        } catch {
            throw .signer(error)
        }
    }

    /// Tells hosts if another node has moved their state.
    package func lookForMoves() async { await recorder.hostStates.moved() }

    /// The version of every host's state, now and whenever it moves.
    package func stateVersions() async throws(AuthorityError) -> AsyncStream<UInt64> {
        try await recorder.hostStates.versions()
    }
}
