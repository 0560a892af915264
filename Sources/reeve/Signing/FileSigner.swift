import AuthorityAPI
import SSHFormats

/// What signs files: the key of this device, or a key that an ssh-agent holds. The private half stays where it is.
enum FileSigner {
    case device(DPoPKey)
    case agent(AgentClient<AgentSocket>, KeyOrCertificate)

    /// The key of this device.
    init(_ state: StateFolder) throws { self = .device(try state.deviceKey()) }

    /// - Parameter name: `SHA256:…`, or the file of a public key or certificate.
    /// - Throws: ``Fault`` if there is no agent, or none that holds it.
    init(agentKey name: String) throws {
        guard let socket = AgentSocket() else {
            throw Fault(
                .usage, "there is no ssh-agent", next: "Start one, or sign with the key of this device.")
        }
        var client = AgentClient(socket)
        let held = try client.identities().compactMap { try? KeyOrCertificate(blob: $0.blob) }
        let wanted: KeyOrCertificate?
        if name.hasPrefix("SHA256:") {
            let fingerprint = try Fingerprint(text: name)
            wanted = held.first { $0 == .key($0.publicKey) && $0.publicKey.fingerprint == fingerprint }
        } else {
            let line = try InputFile.text(name)
            let isCertificate = KeyType(certificateName: String(line.prefix { $0 != " " })) != nil
            let named: KeyOrCertificate =
                isCertificate ? .certificate(try Certificate(text: line)) : .key(try PublicKey(text: line))
            wanted = held.contains(named) ? named : nil
        }
        guard let wanted else {
            throw Fault(.usage, "the ssh-agent does not hold \(name)", next: "See what it holds: ssh-add -l")
        }
        self = .agent(client, wanted)
    }

    var publicKey: PublicKey {
        switch self {
        case .device(let key): key.publicKey
        case .agent(_, let signer): signer.publicKey
        }
    }

    mutating func sign(_ digest: [UInt8], namespace: String, hash: SSHSIGHash) throws -> SSHSIG {
        switch self {
        case .device(let key):
            let bytes = try SSHSIG.toBeSigned(digest: digest, namespace: namespace, hash: hash)
            return try SSHSIG(
                signer: .key(key.publicKey), digest: digest, namespace: namespace, hash: hash,
                signature: try key.sshSignature(over: bytes))
        case .agent(var client, let signer):
            defer { self = .agent(client, signer) }
            return try client.signMessage(digest: digest, namespace: namespace, hash: hash, with: signer)
        }
    }
}

extension SSHSIGHash {
    /// The hash of a file of any size; `-` is standard input.
    func digest(ofFile path: String) throws -> [UInt8] {
        var hasher = Hasher(self)
        let progress = Progress("KB read")
        var count: UInt64 = 0
        try InputFile(path: path).forEachChunk { chunk in
            hasher.update(chunk)
            count += UInt64(chunk.count)
            progress.report(count / 1_000)
        }
        return hasher.digest()
    }
}
