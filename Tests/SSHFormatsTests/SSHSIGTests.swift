import SSHFormats
import Testing

@Suite struct `A signature over a message` {
    static let message = Array("Hello, world\n".utf8)

    @Test(
        arguments: [
            "ed25519", "ecdsa", "ecdsa384", "ecdsa521", "rsa", "sk-ed25519", "sk-ecdsa",
        ], SSHSIGHash.allCases)
    func `made by ssh-keygen holds here, and for nothing else`(_ name: String, _ hash: SSHSIGHash) throws {
        let keygen = try SSHKeygen()
        try keygen.write(try Vector.text(name), to: name)
        try keygen.write(try Vector.text("\(name).pub"), to: "\(name).pub")
        try keygen.write(Self.message, to: "message")
        let (output, status) = try keygen.run(
            ["-Y", "sign", "-q", "-n", "file", "-O", "hashalg=\(hash.rawValue)", "-f", name, "message"])
        try #require(status == 0, "\(output)")
        let text = try keygen.text("message.sig")
        let signature = try SSHSIG(armoured: text)
        #expect(signature.hash == hash && signature.namespace == "file")
        #expect(try signature.signer == .key(Vector.key(name)))
        #expect(signature.armoured == text)
        try signature.verify(Self.message, namespace: "file")
        #expect(throws: SSHSIGError.wrongNamespace("file", expected: "git")) {
            try signature.verify(Self.message, namespace: "git")
        }
        #expect(throws: SSHSIGError.signature(.invalid)) {
            try signature.verify(Self.message + [0], namespace: "file")
        }
        #expect(signature.signature.token?.flags == (name.hasPrefix("sk-") ? [.userPresent] : nil))
    }

    @Test(arguments: ["ed25519", "ecdsa", "ecdsa384", "ecdsa521", "rsa"], SSHSIGHash.allCases)
    func `made here is taken by ssh-keygen`(_ name: String, _ hash: SSHSIGHash) throws {
        let keygen = try SSHKeygen()
        let key = try Vector.privateKey(name)
        let signature = try SSHSIG.sign(Self.message, namespace: "file", hash: hash, with: key)
        let line = try AllowedSignersLine(
            principals: "alice@example.com", namespaces: "file,git", key: key.publicKey, comment: "laptop")
        try keygen.write(line.text + "\n", to: "allowed")
        try keygen.write(signature.armoured, to: "sig")
        try keygen.write(Self.message, to: "message")
        let checked = try keygen.run(
            ["-Y", "check-novalidate", "-n", "file", "-s", "sig"], input: "message")
        #expect(checked.status == 0, "\(checked.output)")
        let arguments = ["-Y", "verify", "-n", "file", "-s", "sig", "-f", "allowed", "-I"]
        #expect(try keygen.run(arguments + ["alice@example.com"], input: "message").status == 0)
        #expect(try keygen.run(arguments + ["bob@example.com"], input: "message").status != 0)
    }

    @Test func `with a certificate is taken by ssh-keygen under the authority's line`() throws {
        let keygen = try SSHKeygen()
        let key = try Vector.privateKey("ed25519")
        var sample = try Sample()
        sample.publicKey = key.publicKey
        sample.principals = ["alice", "deploy"]
        sample.before = UInt64(Int32.max)
        let certificate = try sample.certificate()
        let signature = try SSHSIG.sign(Self.message, namespace: "file", with: key, certificate: certificate)
        let line = try AllowedSignersLine(
            principals: "a*", isCertAuthority: true, key: sample.authority.publicKey)
        try keygen.write(line.text + "\n", to: "allowed")
        try keygen.write(signature.armoured, to: "sig")
        try keygen.write(Self.message, to: "message")
        for principal in ["alice", "deploy", "anna"] {
            let status = try keygen.run(
                ["-Y", "verify", "-n", "file", "-s", "sig", "-f", "allowed", "-I", principal],
                input: "message"
            ).status
            #expect((status == 0) == (principal == "alice"))
            let file = AllowedSigners([line])
            let result = Result {
                try file.verify(
                    signature, over: Self.message, namespace: "file", principal: principal,
                    at: UnixTime(1_800_000_000))
            }
            #expect((try? result.get()) == (status == 0 ? line : nil))
        }
        let found = try keygen.run(["-Y", "find-principals", "-s", "sig", "-f", "allowed"])
        #expect(found.output == "alice\n")
        #expect(
            AllowedSigners([line]).principals(of: signature.signer, at: UnixTime(1_800_000_000)) == ["alice"])
    }

    @Test func `is made by an agent, with a key in a token too`() throws {
        let keygen = try SSHKeygen()
        var client = AgentClient(try RealAgent())
        let key = try Vector.privateKey("rsa")
        try client.add(key, comment: "rsa")
        let signature = try client.signMessage(
            Self.message, namespace: "git", hash: .sha256, with: .key(key.publicKey))
        #expect(signature.signature.algorithm == "rsa-sha2-512")
        try keygen.write(signature.armoured, to: "sig")
        try keygen.write(Self.message, to: "message")
        let arguments = ["-Y", "check-novalidate", "-n", "git", "-s", "sig"]
        #expect(try keygen.run(arguments, input: "message").status == 0)
    }

    @Test func `is hashed piece by piece as in one`() {
        for hash in SSHSIGHash.allCases {
            var hasher = SSHSIGHash.Hasher(hash)
            for byte in Self.message { hasher.update([byte]) }
            #expect(hasher.digest() == hash.digest(of: Self.message))
            #expect(hasher.digest().count == hash.byteCount)
        }
    }
}

@Suite struct `A hostile signature over a message` {
    private static func signature() throws -> SSHSIG {
        try SSHSIG.sign(
            `A signature over a message`.message, namespace: "file", with: try Vector.privateKey("ed25519"))
    }

    @Test func `is refused wherever it is cut, and with anything behind it`() throws {
        let blob = try Self.signature().blob
        for count in 0..<blob.count {
            #expect(throws: SSHSIGError.self) { try SSHSIG(blob: blob.prefix(count)) }
        }
        #expect(throws: SSHSIGError.wire(.trailing(1))) { try SSHSIG(blob: blob + [0]) }
    }

    @Test func `never holds with a bit changed`() throws {
        let blob = try Self.signature().blob
        for bit in 0..<blob.count * 8 {
            var changed = blob
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: SSHSIGError.self, "bit \(bit)") {
                try SSHSIG(blob: changed).verify(`A signature over a message`.message, namespace: "file")
            }
        }
    }

    @Test func `is refused for each field by its own error`() throws {
        let key = try Vector.key("ed25519").blob
        let good = try Self.signature().signature.blob
        let make = { (version: UInt32, key: [UInt8], namespace: String, hash: String) in
            var writer = WireWriter()
            writer.raw(Array("SSHSIG".utf8))
            writer.uint32(version)
            writer.string(key)
            writer.string(namespace)
            writer.string("")
            writer.string(hash)
            writer.string(good)
            return writer.bytes
        }
        #expect(throws: SSHSIGError.unknownVersion(2)) { try SSHSIG(blob: make(2, key, "file", "sha512")) }
        #expect(throws: SSHSIGError.unknownHash("sha1")) { try SSHSIG(blob: make(1, key, "file", "sha1")) }
        #expect(throws: SSHSIGError.noNamespace) { try SSHSIG(blob: make(1, key, "", "sha512")) }
        #expect(throws: SSHSIGError.signer(.wire(.truncated(wanted: 4, left: 0)))) {
            try SSHSIG(blob: make(1, [], "file", "sha512"))
        }
        #expect(throws: SSHSIGError.badMagic) { try SSHSIG(blob: Array("SSHSIGN".utf8.reversed())) }
        #expect(throws: SSHSIGError.badDigest(3, expected: 64)) {
            try Self.signature().verify(digest: [1, 2, 3], namespace: "file")
        }
    }

    @Test func `in bad armour is refused`() throws {
        let text = try Self.signature().armoured
        let lines = text.split(separator: "\n")
        #expect(try SSHSIG(armoured: text.split(separator: "\n").joined(separator: "\r\n")).armoured == text)
        for bad in [
            "", "\n" + text, text + "and more", lines.dropLast().joined(separator: "\n"),
            lines.dropFirst().joined(separator: "\n"), text.replacing("SSH SIGNATURE", with: "PGP SIGNATURE"),
            String(lines[0]), "\(lines[0])\n\(lines[lines.count - 1])\n",
        ] {
            #expect(throws: SSHSIGError.self) { try SSHSIG(armoured: bad) }
        }
        #expect(throws: SSHSIGError.wire(.notBase64)) {
            try SSHSIG(armoured: "\(lines[0])\n!!!!\n\(lines[lines.count - 1])\n")
        }
    }
}
