import ArgumentParser
import Crypto

/// `reeve-bench operations`: what the public-key operations behind one certificate cost by themselves.
struct OperationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operations", abstract: "Time the public-key operations of one certificate, on one core."
    )

    @Option(help: "Server CPU per certificate in µs, to print the share of these operations.")
    var serverCPU: Double?

    /// Lengths of what is signed, in bytes: a user certificate, and a proof (RFC 9449).
    private static let certificateLength = 330
    private static let proofLength = 460

    func run() throws {
        let all = try Self.certificate() + Self.proof()
        for (name, microseconds) in all { Self.show("operation", name, microseconds, "µs") }
        let sum = all.reduce(0) { $0 + $1.microseconds }
        Self.show("public-key operations", "one certificate", sum, "µs")
        guard let serverCPU else { return }
        Self.show("share of public-key operations", "server CPU", sum / serverCPU * 100, "%")
    }

    /// The signer signs, the server verifies what it got.
    private static func certificate() throws -> [(name: String, microseconds: Double)] {
        let message = [UInt8](repeating: 0x5a, count: certificateLength)
        let key = P256.Signing.PrivateKey()
        let signature = try key.signature(for: message)
        return [
            ("P-256 sign, certificate", try CPUTime.best { _ = try key.signature(for: message) }),
            (
                "P-256 verify, certificate",
                try CPUTime.best { try expect(key.publicKey.isValidSignature(signature, for: message)) }
            ),
        ]
    }

    /// The server verifies the proof by the key that stands in it.
    private static func proof() throws -> [(name: String, microseconds: Double)] {
        let message = [UInt8](repeating: 0x5a, count: proofLength)
        let key = P256.Signing.PrivateKey()
        let point = key.publicKey.x963Representation
        let signature = try key.signature(for: message)
        let verify = {
            let publicKey = try P256.Signing.PublicKey(x963Representation: point)
            try expect(publicKey.isValidSignature(signature, for: message))
        }
        return [("P-256 verify, proof", try CPUTime.best(verify))]
    }

    private static func expect(_ isValid: Bool) throws {
        guard isValid else { throw BenchFault("a signature does not verify") }
    }

    private static func show(_ measure: String, _ subject: String, _ value: Double, _ unit: String) {
        Measurement(measure: measure, subject: subject, value: value, unit: unit).show()
    }
}
