package import AuthorityAPI
import Crypto
package import HostDocuments
import Posix
package import SSHFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A host state of which everything has been checked, with the KRL that belongs to it.
package struct VerifiedState: Sendable {
    package let state: HostState
    package let signed: SignedHostState
    package let krlBytes: [UInt8]
    package let krl: KRL
    package var version: StateVersion { StateVersion(of: state) }
}

/// Decides whether what the server sent may be installed. Believes nothing but the pinned hostState key.
package struct StateVerifier: Sendable {
    package let host: String
    package let key: PublicKey
    /// The newest state ever accepted; nil on a new host.
    package let held: StateVersion?

    package init(host: String, key: PublicKey, held: StateVersion?) {
        self.host = host
        self.key = key
        self.held = held
    }

    /// - Throws: ``StateFault``, the first that applies in the order of its cases.
    package func verify(_ reply: HostStateReply, at now: UnixTime) throws(StateFault) -> VerifiedState {
        let payload = try Self.bytes(reply.state, limit: HostState.limit, "state")
        let signature = try Self.bytes(reply.signature, limit: 64, "signature")
        let krl = try Self.bytes(reply.userKRL, limit: KRL.limit, "userKRL")
        let signed: SignedHostState
        do { signed = try SignedHostState(payload: payload, signature: signature) } catch {
            throw .wrongSignature
        }
        return try verify(signed, krl: krl, at: now)
    }

    package func verify(
        _ signed: SignedHostState, krl bytes: [UInt8], at now: UnixTime
    ) throws(StateFault) -> VerifiedState {
        let state = try signature(of: signed)
        guard state.host == host else { throw .otherHost(state.host) }
        let offered = StateVersion(of: state)
        if let held, offered < held { throw .older(offered: offered, held: held) }
        guard now.seconds < state.notAfter else {
            throw .expired(notAfter: state.notAfter, now: now.seconds)
        }
        for key in state.userCAKeys { try Self.strength(of: key) }
        guard SHA256.hash(data: bytes).elementsEqual(state.krlHash) else { throw .otherKRL }
        do {
            return VerifiedState(state: state, signed: signed, krlBytes: bytes, krl: try KRL(bytes: bytes))
        } catch {
            throw .badKRL(error)
        }
    }

    private func signature(of signed: SignedHostState) throws(StateFault) -> HostState {
        do throws(HostStateError) { return try signed.verify(with: key) } catch {
            guard error != .wrongSignature else { throw .wrongSignature }
            throw .malformed(error)
        }
    }

    private static func strength(of key: PublicKey) throws(StateFault) {
        do { try key.checkStrength() } catch { throw .weakCAKey(error) }
    }

    static func bytes(_ text: String, limit: Int, _ part: String) throws(StateFault) -> [UInt8] {
        guard text.utf8.count <= (limit + 2) / 3 * 4, let data = Data(base64Encoded: text),
            data.count <= limit
        else { throw .unreadable(part) }
        return Array(data)
    }
}
