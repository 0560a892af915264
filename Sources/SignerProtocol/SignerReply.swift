package import Ledger
package import SSHFormats

/// What the signer answers.
package enum SignerReply: Hashable, Sendable {
    case hello(SignerGreeting)
    /// For a certificate.
    case signature(Signature)
    /// For checkpoint and host state 64 bytes of Ed25519; for TLS a DER ECDSA signature (RFC 3279 §2.2.3).
    case bytes([UInt8])
    /// The checkpoint that was signed last.
    case checkpointHead(CheckpointHead)
    /// The sealed files are open.
    case unlocked
    /// A key that was prepared or adopted, and the same sealed for other signers with the same key file.
    case key(PublicKey, sealed: [UInt8])
    case fault(SignerFault)

    private enum Kind: UInt8 {
        case hello = 129, signature, bytes, checkpointHead, unlocked, key
        case fault = 255
    }

    /// - Throws: ``SignerFault`` with ``SignerFault/Code/badFrame`` for anything that is not a reply.
    package init(_ frame: Frame) throws(SignerFault) {
        do {
            guard let kind = Kind(rawValue: frame.type) else { throw WireError.unexpected("type") }
            var reader = WireReader(frame.payload)
            self = try Self.read(kind, from: &reader)
            try reader.end()
        } catch {
            throw SignerFault(.badFrame, "reply \(frame.type) is malformed")
        }
    }

    /// The reply as a frame.
    package func frame(id: UInt32) -> Frame {
        var writer = WireWriter(capacity: 128)
        write(to: &writer)
        return Frame(type: kind.rawValue, id: id, payload: writer.bytes)
    }

    private var kind: Kind {
        switch self {
        case .hello: .hello
        case .signature: .signature
        case .bytes: .bytes
        case .checkpointHead: .checkpointHead
        case .unlocked: .unlocked
        case .key: .key
        case .fault: .fault
        }
    }

    private static func read(_ kind: Kind, from reader: inout WireReader) throws -> SignerReply {
        switch kind {
        case .hello: return .hello(try SignerGreeting(from: &reader))
        case .signature: return .signature(try Signature(blob: try reader.string(limit: 1_024)))
        case .bytes: return .bytes(Array(try reader.string(limit: 1_024)))
        case .checkpointHead: return .checkpointHead(try CheckpointHead(from: &reader))
        case .unlocked: return .unlocked
        case .key:
            let key = try PublicKey(blob: try reader.string(limit: 2_048))
            return .key(key, sealed: Array(try reader.string(limit: SignerRequest.sealedLimit)))
        case .fault:
            let code = try reader.text(limit: 64)
            let reason = try reader.text(limit: 4_096)
            // A newer signer may know more codes; what cannot be known is refused.
            return .fault(SignerFault(SignerFault.Code(rawValue: code) ?? .profileRefused, reason))
        }
    }

    private func write(to writer: inout WireWriter) {
        switch self {
        case .hello(let greeting): greeting.write(to: &writer)
        case .signature(let signature): writer.string(signature.blob)
        case .bytes(let bytes): writer.string(bytes)
        case .checkpointHead(let head): head.write(to: &writer)
        case .unlocked: break
        case .key(let key, let sealed):
            writer.string(key.blob)
            writer.string(sealed)
        case .fault(let fault):
            writer.string(fault.code.rawValue)
            writer.string(fault.reason)
        }
    }
}

/// The largest checkpoint that the signer signed; consistency must be proven from there.
package struct CheckpointHead: Hashable, Sendable {
    package let size: UInt64
    package let root: MerkleHash

    package init(size: UInt64, root: MerkleHash) {
        self.size = size
        self.root = root
    }

    init(from reader: inout WireReader) throws {
        size = try reader.uint64()
        guard let root = MerkleHash(bytes: try reader.string(limit: MerkleHash.byteCount)) else {
            throw WireError.unexpected("root")
        }
        self.root = root
    }

    func write(to writer: inout WireWriter) {
        writer.uint64(size)
        writer.string(root.bytes)
    }
}
