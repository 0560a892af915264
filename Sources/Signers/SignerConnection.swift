package import Authority
import Ledger
package import NIOCore
import NIOPosix
package import SSHFormats
package import SignerProtocol
import Synchronization

/// The authority's way to its keys: one connection to the signer's socket, shared by all requests in flight.
///
/// A lost connection fails what is in flight with ``SignerError/unavailable(reason:)`` and is made anew by
/// the next request.
package final class SignerConnection: Signer, CAKeyring, Sendable {
    private let dialer: SignerDialer
    private let current = Mutex<SignerLink?>(nil)

    /// - Parameters:
    ///   - path: The signer's Unix socket; it need not be there yet.
    ///   - patience: How long a request waits for a connection, for instance while the signer restarts.
    package init(path: String, group: any EventLoopGroup, patience: Duration = .seconds(2)) {
        dialer = SignerDialer(path: path, group: group, patience: patience)
    }

    /// A connection on the loops that all of NIO shares.
    package convenience init(path: String, patience: Duration = .seconds(2)) {
        self.init(path: path, group: MultiThreadedEventLoopGroup.singleton, patience: patience)
    }

    package func publicKeys() async throws(SignerError) -> [SigningRole: PublicKey] {
        var keys: [SigningRole: PublicKey] = [:]
        for key in try await greeting().keys where key.state == .signing {
            guard let role = SigningRole(rawValue: key.role.rawValue) else { continue }
            keys[role] = key.publicKey
        }
        return keys
    }

    package func sign(_ permit: consuming SigningPermit) async throws(SignerError) -> Signature {
        guard let role = SignerRole(rawValue: permit.role.rawValue) else {
            throw .refused(code: "unknown-key", reason: "the signer has no such role")
        }
        let reply = try await ask(.certificate(role, toBeSigned: permit.toBeSigned))
        guard case .signature(let signature) = reply else { throw .unexpected }
        return signature
    }

    package func signCheckpoint(
        body: [UInt8], consistency: [[UInt8]]
    ) async throws(SignerError) -> [UInt8] {
        let path = consistency.compactMap { MerkleHash(bytes: $0) }
        guard path.count == consistency.count, path.count <= SignerRequest.pathLimit else {
            throw .refused(code: "inconsistent-checkpoint", reason: "the proof is not one of hashes")
        }
        return try await bytes(.checkpoint(body: body, consistency: path))
    }

    package func checkpointSize() async throws(SignerError) -> UInt64 {
        guard case .checkpointHead(let head) = try await ask(.checkpointHead) else { throw .unexpected }
        return head.size
    }

    /// Size and root of the ledger that the signer signed last.
    package func checkpointHead() async throws(SignerError) -> (size: UInt64, root: [UInt8]) {
        guard case .checkpointHead(let head) = try await ask(.checkpointHead) else { throw .unexpected }
        return (head.size, head.root.bytes)
    }

    package func signHostState(_ payload: [UInt8]) async throws(SignerError) -> [UInt8] {
        try await bytes(.hostState(payload: payload))
    }

    package func signTLS(toBeSigned: [UInt8]) async throws(SignerError) -> [UInt8] {
        try await bytes(.tls(toBeSigned: toBeSigned))
    }

    /// Who the signer is and what it holds.
    package func greeting() async throws(SignerError) -> SignerGreeting {
        guard case .hello(let greeting) = try await ask(.hello(version: SignerRequest.version)) else {
            throw .unexpected
        }
        return greeting
    }

    /// Ends the connection; the next request makes a new one.
    package func close() async {
        let link = current.withLock { current in
            defer { current = nil }
            return current
        }
        try? await link?.channel.close()
    }

    private func bytes(_ request: SignerRequest) async throws(SignerError) -> [UInt8] {
        guard case .bytes(let bytes) = try await ask(request) else { throw .unexpected }
        return bytes
    }

    func ask(_ request: SignerRequest) async throws(SignerError) -> SignerReply {
        let reply = try await link().ask(request).get()
        guard case .fault(let fault) = reply else { return reply }
        guard fault.code != .sealed else { throw .sealed }
        guard fault.isRetryable else { throw .refused(code: fault.code.rawValue, reason: fault.reason) }
        throw .unavailable(reason: "\(fault.code.rawValue): \(fault.reason)")
    }

    private func link() async throws(SignerError) -> SignerLink {
        if let link = current.withLock({ $0 }), link.channel.isActive { return link }
        let link = try await dialer.dial().get()
        current.withLock { $0 = link }
        return link
    }
}

extension SignerError {
    static let unexpected = SignerError.unavailable(reason: "the signer gave an answer to another question")
}
