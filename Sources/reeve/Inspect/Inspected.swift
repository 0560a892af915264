import AuthorityAPI
import HostDocuments
import Ledger
import Posix
import SSHFormats

/// What `reeve inspect` found out: as JSON, and as lines for people.
protocol InspectedFacts: Encodable {
    var lines: [String] { get }
}

/// Tells what bytes hold by how they begin, and reads them. Nothing is verified but what a thing says of itself.
enum Inspected {
    /// - Throws: what the reader of that kind of thing throws, or ``Fault`` for what is of no kind that is known here.
    static func facts(of bytes: [UInt8]) throws -> any InspectedFacts {
        if bytes.starts(with: Array("SSHKRL\n\0".utf8)) { return KRLFacts(try KRL(bytes: bytes)) }
        if bytes.starts(with: Array("SSHSIG".utf8)) { return SignatureFacts(try SSHSIG(blob: bytes)) }
        if let state = try HostStateFacts(bytes) { return state }
        guard bytes.count <= 1 << 20, let text = String(validating: bytes, as: UTF8.self) else {
            throw unknown("bytes of no kind that is known here (no text, KRL or host state)")
        }
        if text.utf8.allSatisfy({ $0 <= 0x20 }) { throw unknown("an empty file") }
        if text.hasPrefix("-----BEGIN ") { return try armoured(text) }
        if text.hasPrefix("keyreeve-ledger\t") {
            throw unknown("the export of a ledger", next: "reeve audit verify FILE")
        }
        if let checkpoint = try? Checkpoint(parsing: bytes) { return CheckpointFacts(checkpoint) }
        return try words(text)
    }

    private static func armoured(_ text: String) throws -> any InspectedFacts {
        let label = String(text.dropFirst("-----BEGIN ".count).prefix { $0 != "-" && $0 != "\n" })
        switch label {
        case "OPENSSH PRIVATE KEY": return try PrivateKeyFacts(text)
        case "SSH SIGNATURE": return SignatureFacts(try SSHSIG(armoured: text))
        case "CERTIFICATE":
            throw unknown("an X.509 certificate", next: "openssl x509 -noout -text -in FILE")
        case "PUBLIC KEY": throw unknown("a public key in PKCS#8", next: "ssh-keygen -i -m PKCS8 -f FILE")
        case _ where label.hasSuffix("PRIVATE KEY"):
            throw unknown(
                "a private key that is not in OpenSSH's form (\(label))",
                next: "ssh-keygen -y -f FILE prints its public half")
        default: throw unknown("a PEM text of another kind (\(label))")
        }
    }

    private static func words(_ text: String) throws -> any InspectedFacts {
        let lines = textLines(text).filter { line in line.utf8.contains { $0 > 0x20 } }
        guard lines.count == 1, let line = lines.first else { return try KeyFileFacts(text) }
        let first = String(line.prefix { $0 != " " && $0 != "\t" })
        if isCertificateName(first) { return CertificateFacts(try SeenCertificate(text: line)) }
        if first == DSAKey.typeName { return KeyFacts(try DSAKey(text: line)) }
        if isKeyName(first) { return KeyFacts(try PublicKey(text: line)) }
        if let key = try? VerifierKey(parsing: first) { return VerifierKeyFacts(key) }
        let parts = first.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).count
        if first == line, parts == 5 {
            throw unknown("an encrypted token (JWE), or another text with four dots")
        }
        if first == line, parts == 3, let token = UnverifiedToken(line) { return TokenFacts(token) }
        if first.hasPrefix("{") || first.hasPrefix("[") {
            throw unknown("JSON of no kind that is known here")
        }
        return try KeyFileFacts(text)
    }

    /// Whether a word begins the line of a key, of a type that is known here or not.
    static func isKeyName(_ word: String) -> Bool {
        ["ssh-", "ecdsa-", "sk-"].contains(where: word.hasPrefix)
    }

    static func isCertificateName(_ word: String) -> Bool { word.hasSuffix("-cert-v01@openssh.com") }

    /// Cut at line feeds alone, as OpenSSH does; a carriage return before one is not part of the line.
    static func textLines(_ text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        }
    }

    static func unknown(_ what: String, next: String? = nil) -> Fault {
        Fault(
            .usage, "this is \(what), which reeve cannot inspect",
            next: next ?? """
                Give a key, a certificate, a KRL, a signature, a checkpoint, a token, a signed host state, or \
                lines of authorized_keys, known_hosts or allowed_signers.
                """)
    }
}
