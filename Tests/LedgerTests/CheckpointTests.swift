import Crypto
import Ledger
import Testing

@Suite struct `A checkpoint` {
    let signer: SampleSigner

    init() throws { signer = try SampleSigner() }

    @Test func `is read back as written and verifies`() throws {
        let checkpoint = try signer.checkpoint(SampleLog(size: 5))
        let read = try Checkpoint(parsing: checkpoint.text)
        #expect(read == checkpoint)
        try read.verify(with: signer.key)
    }

    @Test func `has the lines of C2SP tlog-checkpoint`() throws {
        let body = try CheckpointBody(origin: "log.example", size: 0, root: .empty)
        let text = "log.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
        #expect(body.bytes == Array(text.utf8))
        #expect(try CheckpointBody(parsing: body.bytes) == body)
    }

    @Test(arguments: [
        "", "a\n", "a\n1\n", "a\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "a\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "a\n9223372036854775808\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
        "a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\n",
        "\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n",
        "a\r\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    ])
    func `body of another layout is refused`(_ text: String) {
        #expect(throws: CheckpointError.malformed) { try CheckpointBody(parsing: Array(text.utf8)) }
    }

    @Test func `carries extension lines and other signatures along`() throws {
        let text = "log.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nmore\n"
        let signature = try signer.sign(Array(text.utf8))
        let note = text + "\n— witness AAAAAAEC\n" + "— log.example \(signature)\n"
        let checkpoint = try Checkpoint(parsing: note)
        #expect(checkpoint.body.extensions == ["more"])
        #expect(checkpoint.text == note)
        try checkpoint.verify(with: signer.key)
    }

    @Test func `by another key, log or with a changed size is refused`() throws {
        let checkpoint = try signer.checkpoint(SampleLog(size: 5))
        let other = try SampleSigner()
        #expect(throws: CheckpointError.unsigned) { try checkpoint.verify(with: other.key) }
        let elsewhere = try VerifierKey(name: "other.example", publicKey: signer.key.publicKey)
        #expect(throws: CheckpointError.origin("log.example")) { try checkpoint.verify(with: elsewhere) }
        let larger = checkpoint.text.replacing("\n5\n", with: "\n6\n")
        #expect(throws: CheckpointError.wrongSignature) {
            try Checkpoint(parsing: larger).verify(with: signer.key)
        }
    }

    @Test(arguments: [
        "log.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n",
        "log.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n- a AAAAAAEC\n",
        "log.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— a AAAAAA==\n",
        "log.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— a AAAAAAEC",
        "log.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— a  AAAAAAEC\n",
    ])
    func `with a malformed signature line is refused`(_ text: String) {
        #expect(throws: CheckpointError.malformed) { try Checkpoint(parsing: text) }
    }
}

@Suite struct `A verifier key` {
    /// From the tests of golang.org/x/mod/sumdb/note, the origin of C2SP signed-note.
    static let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

    @Test func `of the Go implementation is understood`() throws {
        let key = try VerifierKey(parsing: Self.text)
        #expect(key.name == "PeterNeumann")
        #expect(key.description == Self.text)
    }

    @Test(arguments: [
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10",
        "PeterNeumann+c74f20a3", "", "++",
    ])
    func `that does not fit together is refused`(_ text: String) {
        #expect(throws: CheckpointError.key) { try VerifierKey(parsing: text) }
    }

    @Test(arguments: ["", "a b", "a+b", "a\nb", "é"]) func `has a plain name`(_ name: String) throws {
        let key = try VerifierKey(parsing: Self.text).publicKey
        #expect(throws: CheckpointError.name) { try VerifierKey(name: name, publicKey: key) }
    }
}

/// A log key for tests.
struct SampleSigner {
    let privateKey = Curve25519.Signing.PrivateKey()
    let key: VerifierKey

    init() throws {
        key = try VerifierKey(name: "log.example", publicKey: Array(privateKey.publicKey.rawRepresentation))
    }

    func checkpoint(_ log: SampleLog, size: Int? = nil) throws -> Checkpoint {
        let size = size ?? log.leaves.count
        let body = try CheckpointBody(origin: key.name, size: UInt64(size), root: log.root(size))
        return try Checkpoint(body, signature: Array(privateKey.signature(for: body.bytes)), by: key)
    }

    /// Key hash and signature in base64, for notes written by hand.
    func sign(_ bytes: [UInt8]) throws -> String {
        base64(key.keyHash + Array(try privateKey.signature(for: bytes)))
    }
}

private func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    let bits = bytes.flatMap { byte in (0..<8).reversed().map { byte >> $0 & 1 } }
    let digits = stride(from: 0, to: bits.count, by: 6).map { start in
        let six = bits[start..<min(start + 6, bits.count)]
        return alphabet[six.reduce(0) { $0 << 1 | Int($1) } << (6 - six.count)]
    }
    return String(digits) + String(repeating: "=", count: (4 - digits.count % 4) % 4)
}
