package import Ledger
package import SSHFormats

/// What a client may ask of the signer.
package enum SignerRequest: Hashable, Sendable {
    /// First on every connection: the version of the protocol that the client speaks.
    case hello(version: UInt32)
    /// Sign these bytes of a certificate, all before its signature (draft-miller-ssh-cert).
    case certificate(SignerRole, toBeSigned: [UInt8])
    /// Sign this checkpoint body; the path proves growth from the remembered head (RFC 9162 §2.1.4).
    case checkpoint(body: [UInt8], consistency: [MerkleHash])
    /// Sign this encoded host state.
    case hostState(payload: [UInt8])
    /// Sign this DER of a TBSCertificate (RFC 5280 §4.1) with the TLS root.
    case tls(toBeSigned: [UInt8])
    /// What checkpoint was signed last?
    case checkpointHead
    /// Open the sealed files with this key.
    case unlock(UnlockKey)
    /// The prepared key of that certificate authority; made where there is none.
    case prepareKey(SignerRole)
    /// Hold a key that another signer with the same key file prepared.
    case adoptKey(SignerRole, sealed: [UInt8])
    /// From now on sign by this key, and by no other of its role.
    case promoteKey(SignerRole, PublicKey)
    /// Destroy this key, which does not sign any more.
    case retireKey(SignerRole, PublicKey)

    /// The version that this code speaks.
    package static let version: UInt32 = 1
    /// Most hashes in a consistency path: a tree of 2^63 leaves needs no more.
    package static let pathLimit = 128
    /// Longest sealed key, in bytes.
    package static let sealedLimit = 1_024

    private enum Kind: UInt8 {
        case hello = 1, certificate, checkpoint, hostState, tls, checkpointHead, unlock, prepareKey, adoptKey,
            promoteKey,
            retireKey
    }

    /// - Throws: ``SignerFault`` with ``SignerFault/Code/badFrame``.
    package init(_ frame: Frame) throws(SignerFault) {
        guard let kind = Kind(rawValue: frame.type) else {
            throw SignerFault(.badFrame, "there is no request \(frame.type)")
        }
        do {
            var reader = WireReader(frame.payload)
            self = try Self.read(kind, from: &reader)
            try reader.end()
        } catch let fault as SignerFault {
            throw fault
        } catch {
            throw SignerFault(.badFrame, "request \(frame.type) is malformed")
        }
    }

    package var isHello: Bool {
        if case .hello = self { return true }
        return false
    }

    /// The request as a frame.
    package func frame(id: UInt32) -> Frame {
        var writer = WireWriter(capacity: 512)
        write(to: &writer)
        return Frame(type: kind.rawValue, id: id, payload: writer.bytes)
    }

    private var kind: Kind {
        switch self {
        case .hello: .hello
        case .certificate: .certificate
        case .checkpoint: .checkpoint
        case .hostState: .hostState
        case .tls: .tls
        case .checkpointHead: .checkpointHead
        case .unlock: .unlock
        case .prepareKey: .prepareKey
        case .adoptKey: .adoptKey
        case .promoteKey: .promoteKey
        case .retireKey: .retireKey
        }
    }

    private static func read(_ kind: Kind, from reader: inout WireReader) throws -> SignerRequest {
        switch kind {
        case .hello: return .hello(version: try reader.uint32())
        case .certificate:
            return .certificate(try authority(&reader), toBeSigned: Array(try reader.string()))
        case .checkpoint:
            let body = try reader.string(limit: CheckpointBody.limit)
            return .checkpoint(body: Array(body), consistency: try path(&reader))
        case .hostState: return .hostState(payload: Array(try reader.string()))
        case .tls: return .tls(toBeSigned: Array(try reader.string()))
        case .checkpointHead: return .checkpointHead
        case .unlock: return .unlock(UnlockKey(Array(try reader.string(limit: UnlockKey.limit))))
        case .prepareKey: return .prepareKey(try authority(&reader))
        case .adoptKey:
            return .adoptKey(try authority(&reader), sealed: Array(try reader.string(limit: sealedLimit)))
        case .promoteKey: return .promoteKey(try authority(&reader), try publicKey(&reader))
        case .retireKey: return .retireKey(try authority(&reader), try publicKey(&reader))
        }
    }

    private static func authority(_ reader: inout WireReader) throws -> SignerRole {
        guard let role = SignerRole(rawValue: try reader.text(limit: 32)), role.signsCertificates else {
            throw SignerFault(.unknownKey, "no key here signs certificates as that role")
        }
        return role
    }

    private static func publicKey(_ reader: inout WireReader) throws -> PublicKey {
        try PublicKey(blob: try reader.string(limit: 2_048))
    }

    private static func path(_ reader: inout WireReader) throws -> [MerkleHash] {
        var hashes = WireReader(try reader.string(limit: pathLimit * MerkleHash.byteCount))
        var path: [MerkleHash] = []
        while !hashes.isAtEnd {
            guard let hash = MerkleHash(bytes: try hashes.raw(MerkleHash.byteCount)) else { return path }
            path.append(hash)
        }
        return path
    }

    private func write(to writer: inout WireWriter) {
        switch self {
        case .hello(let version): writer.uint32(version)
        case .certificate(let role, let toBeSigned):
            writer.string(role.rawValue)
            writer.string(toBeSigned)
        case .checkpoint(let body, let consistency):
            writer.string(body)
            writer.string { writer in for hash in consistency { writer.raw(hash.bytes) } }
        case .hostState(let payload): writer.string(payload)
        case .tls(let toBeSigned): writer.string(toBeSigned)
        case .checkpointHead: break
        case .unlock(let key): writer.string(key.bytes)
        case .prepareKey(let role): writer.string(role.rawValue)
        case .adoptKey(let role, let sealed):
            writer.string(role.rawValue)
            writer.string(sealed)
        case .promoteKey(let role, let key), .retireKey(let role, let key):
            writer.string(role.rawValue)
            writer.string(key.blob)
        }
    }
}
