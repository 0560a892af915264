import ArgumentParser
import SSHFormats

/// `reeve-bench formats`: what reading and writing one value of each format costs, on one core.
struct FormatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "formats", abstract: "Time decoding and encoding of each SSH format, on one core.")

    func run() throws {
        for format in try Self.keys() + Self.certificates() + Self.lists() + Self.messages() + Self.lines() {
            let decode = try CPUTime.best(of: format.batch, format.decode)
            let encode = try CPUTime.best(of: format.batch, format.encode)
            let subject = "\(format.name), \(format.count) bytes"
            Measurement(measure: "decode", subject: subject, value: decode, unit: "µs").show()
            Measurement(measure: "encode", subject: subject, value: encode, unit: "µs").show()
        }
    }

    private struct Format {
        let name: String
        /// Length of the value, in bytes.
        let count: Int
        var batch = 200
        let decode: () throws -> Void
        let encode: () throws -> Void
    }

    private static func keys() throws -> [Format] {
        let kinds: [(String, PrivateKey.GenerableKind)] = [
            ("Ed25519", .ed25519), ("P-256", .ecdsaP256), ("P-384", .ecdsaP384), ("RSA 3072", .rsa3072),
        ]
        return try kinds.flatMap { name, kind in
            let key = try PrivateKey.generate(kind)
            let line = key.publicKey.text(comment: "alice@laptop")
            let file = key.openSSHText(comment: "alice@laptop")
            return [
                Format(
                    name: "public key line, \(name)", count: line.utf8.count,
                    decode: { _ = try PublicKey(text: line) },
                    encode: { _ = key.publicKey.text(comment: "alice@laptop") }),
                Format(
                    name: "private key file, \(name)", count: file.utf8.count, batch: 20,
                    decode: { _ = try PrivateKey(openSSH: file) },
                    encode: { _ = key.openSSHText(comment: "alice@laptop") }),
            ]
        }
    }

    private static func draft(_ authority: PrivateKey, _ key: PrivateKey) throws -> CertificateDraft {
        try CertificateDraft(
            kind: .user, publicKey: key.publicKey, serial: 7,
            keyID: "alice/device:alice.laptop/grant:staging/session:0cad4c0705086044",
            principals: try Principals(["deploy@web1.example.com", "deploy@env=staging"]),
            validity: try Validity(
                validAfter: UnixTime(1_700_000_000), validBefore: UnixTime(1_700_028_800)),
            extensions: .standard, nonce: [UInt8](repeating: 9, count: CertificateDraft.nonceLength),
            signatureKey: authority.publicKey)
    }

    private static func certificates() throws -> [Format] {
        let authority = try PrivateKey.generate(.ed25519)
        let key = try PrivateKey.generate(.ed25519)
        let draft = try draft(authority, key)
        let certificate = try draft.sealed(with: try authority.sign(draft.toBeSigned))
        let message = Array("message".utf8)
        let signature = try SSHSIG.sign(message, namespace: "file", with: key)
        let blob = signature.blob
        return [
            Format(
                name: "certificate, Ed25519", count: certificate.blob.count,
                decode: { _ = try Certificate(blob: certificate.blob) },
                encode: { _ = try Self.draft(authority, key) }),
            Format(
                name: "certificate line, Ed25519", count: certificate.text().utf8.count,
                decode: { _ = try Certificate(text: certificate.text()) },
                encode: { _ = certificate.text() }),
            Format(
                name: "SSHSIG, Ed25519", count: blob.count, decode: { _ = try SSHSIG(blob: blob) },
                encode: { _ = signature.armoured }),
        ]
    }

    private static func lists() throws -> [Format] {
        let authority = try PrivateKey.generate(.ed25519).publicKey
        var builder = KRLBuilder(version: 1, generated: UnixTime(1_700_000_000))
        // 50,000 of 1,000,000, spread as a generator of this kind spreads them.
        var serial: UInt64 = 1
        for _ in 0..<50_000 {
            serial = serial * 48_271 % 2_147_483_647
            try builder.revoke(serial: serial % 1_000_000 + 1, by: authority)
        }
        let list = builder.build()
        let bytes = list.encoded()
        return [
            Format(
                name: "KRL, 50,000 of 1,000,000", count: bytes.count, batch: 1,
                decode: { _ = try KRL(bytes: bytes) }, encode: { _ = list.encoded() })
        ]
    }

    private static func messages() throws -> [Format] {
        let key = try PrivateKey.generate(.ed25519)
        let request = AgentRequest.addIdentity(
            key, comment: "alice@laptop", constraints: AgentConstraints(lifetime: 3600))
        let message = try request.encoded()
        let reply = AgentReply.identities(
            (0..<10).map { AgentIdentity(blob: key.publicKey.blob, comment: "key \($0)") })
        let answer = reply.encoded
        return [
            Format(
                name: "agent request, add Ed25519", count: message.count,
                decode: { _ = try AgentRequest(message: message) }, encode: { _ = try request.encoded() }),
            Format(
                name: "agent reply, 10 identities", count: answer.count,
                decode: { _ = try AgentReply(message: answer) }, encode: { _ = reply.encoded }),
        ]
    }

    private static func lines() throws -> [Format] {
        let key = try PrivateKey.generate(.ed25519).publicKey
        let allowed = "restrict,pty,command=\"/usr/bin/id\",from=\"10.0.0.0/8\" \(key.text(comment: "alice"))"
        let known = "web1.example.com,192.0.2.1 \(key.text(comment: "web1"))"
        let signer = "alice@example.com namespaces=\"file,git\",valid-before=\"20300101Z\" \(key.text())"
        guard let allowedLine = try AuthorizedKeysLine.parse(allowed),
            let knownLine = try KnownHostsLine.parse(known),
            let signerLine = try AllowedSignersLine.parse(signer)
        else { throw BenchFault("a line is empty") }
        return [
            Format(
                name: "authorized_keys line", count: allowed.utf8.count,
                decode: { _ = try AuthorizedKeysLine.parse(allowed)?.settings() },
                encode: { _ = allowedLine.text }),
            Format(
                name: "known_hosts line", count: known.utf8.count,
                decode: { _ = try KnownHostsLine.parse(known) }, encode: { _ = knownLine.text }),
            Format(
                name: "allowed_signers line", count: signer.utf8.count,
                decode: { _ = try AllowedSignersLine.parse(signer) }, encode: { _ = signerLine.text }),
        ]
    }
}
