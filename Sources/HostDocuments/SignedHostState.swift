public import SSHFormats

/// A host state and the signature of the authority's hostState key over its exact bytes.
///
/// Encoded as `string payload, string signature` (RFC 4251 §5).
public struct SignedHostState: Hashable, Sendable {
    /// The bytes that were signed; see ``HostState/encoded``.
    public let payload: [UInt8]
    /// 64 bytes of Ed25519 (RFC 8032).
    public let signature: [UInt8]

    /// - Throws: ``HostStateError/wrongSignature`` unless the signature has 64 bytes. It is not verified yet.
    public init(payload: [UInt8], signature: [UInt8]) throws(HostStateError) {
        guard signature.count == 64 else { throw .wrongSignature }
        self.payload = payload
        self.signature = signature
    }

    /// - Throws: ``HostStateError/wire(_:)``, ``HostStateError/wrongSignature``.
    public init(decoding bytes: [UInt8]) throws(HostStateError) {
        let fields: (ArraySlice<UInt8>, ArraySlice<UInt8>)
        do throws(WireError) {
            var reader = WireReader(bytes)
            fields = (try reader.string(limit: HostState.limit), try reader.string(limit: 64))
            try reader.end()
        } catch {
            throw .wire(error)
        }
        try self.init(payload: Array(fields.0), signature: Array(fields.1))
    }

    public var encoded: [UInt8] {
        var writer = WireWriter(capacity: payload.count + 80)
        writer.string(payload)
        writer.string(signature)
        return writer.bytes
    }

    /// The state, once the signature over its bytes is verified.
    ///
    /// - Parameter key: The authority's hostState key; Ed25519.
    /// - Throws: ``HostStateError/wrongSignature`` first; then what ``HostState/init(decoding:)`` finds.
    public func verify(with key: PublicKey) throws(HostStateError) -> HostState {
        do {
            let signature = try Signature(algorithm: KeyType.ed25519.name, bytes: signature)
            try key.verify(signature, over: payload)
        } catch {
            throw .wrongSignature
        }
        return try HostState(decoding: payload)
    }
}
