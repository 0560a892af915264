import Authority
import Gateway
import Records
import Signers

extension ReadinessCheck {
    /// What `/readyz` says of this server.
    static func all(signer: SignerConnection, isEmbedded: Bool, records: Records) -> [ReadinessCheck] {
        [
            ReadinessCheck("signer") {
                do {
                    _ = try await signer.checkpointSize()
                    return nil
                } catch {
                    return Degradation(.fails, "the signer does not answer: nothing can be issued")
                }
            },
            ReadinessCheck("signer-boundary") {
                isEmbedded
                    ? Degradation(
                        .works, "the signer runs as the same user: a crash boundary, not a security boundary")
                    : nil
            },
            ReadinessCheck("database") {
                do {
                    _ = try await records.currentPolicyVersion()
                    return nil
                } catch {
                    return Degradation(.fails, "the database does not answer: nothing can be decided")
                }
            },
        ]
    }
}
