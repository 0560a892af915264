import Authority
import Posix
import Records
import SSHFormats

/// The server's TLS certificate of the last start, sealed in the data folder: what is shown while the signer's keys are
/// sealed and no new one can be made.
struct KeptIdentity: Sendable {
    private static let context = "tls-server"
    private static let limit = 65_536

    let folder: DataFolder
    let sealing: SealedSecrets

    private var file: DurableFile { DurableFile(folder.tlsServer) }

    func keep(_ identity: ServerIdentity) throws {
        var writer = WireWriter(capacity: 4_096)
        writer.string { writer in for certificate in identity.chain { writer.string(certificate) } }
        writer.string(identity.key)
        writer.string(identity.rootFingerprint)
        writer.uint64(identity.validity.validAfter.seconds)
        writer.uint64(identity.validity.validBefore.seconds)
        try file.write(try sealing.seal(writer.bytes, context: Self.context))
    }

    /// The one that was kept; nil where there is none that counts now.
    func identity(at now: UnixTime) throws -> ServerIdentity? {
        guard let sealed = try file.readIfPresent(limit: Self.limit) else { return nil }
        var reader = WireReader(try sealing.open(sealed, context: Self.context))
        var list = WireReader(try reader.string())
        var chain: [String] = []
        while !list.isAtEnd { chain.append(try list.text()) }
        let identity = ServerIdentity(
            chain: chain, key: try reader.text(), rootFingerprint: Array(try reader.string()),
            validity: try Validity(
                validAfter: UnixTime(try reader.uint64()), validBefore: UnixTime(try reader.uint64())))
        try reader.end()
        return identity.validity.contains(now) ? identity : nil
    }
}
