import Authority
import Diagnosis
import Posix
import SSHFormats
import Signers

/// What the signer answers.
struct SignerState: Sendable {
    let isEmbedded: Bool
    /// Nil where it does not answer.
    let keys: [SigningRole: PublicKey]?
    let isSealed: Bool
    /// What it signed last; nil where it does not say.
    let head: (size: UInt64, root: [UInt8])?

    /// - Parameters:
    ///   - isInUse: Whether a server is at work, which would have started its own signer.
    ///   - known: The mark in the database of the keys that do not rotate.
    ///   - startsWell: Whether nothing is wrong with the files that a server's own signer starts with.
    func findings(isInUse: Bool, keys known: UInt64?, startsWell: Bool) -> [Finding] {
        guard let keys else {
            guard isInUse || !isEmbedded else {
                return startsWell ? [.good("signer", "starts with the server")] : []
            }
            return [
                .failure(
                    "signer-unreachable", "the signer does not answer",
                    advice: "Look at its log; check [signer] socket, and --allow-user there.")
            ]
        }
        var findings: [Finding] = []
        if let known, known != Belonging.lastingMark(of: keys) {
            findings.append(
                .failure(
                    "signer-keys", "the signer holds other keys than this database was begun with",
                    advice: "Name the signer of this installation, or restore its folder."))
        }
        if isSealed {
            findings.append(
                .failure(
                    "signer-sealed", "the signer is sealed: nothing can be issued",
                    advice: "Run `reeve-signer unlock`."))
        }
        if isEmbedded {
            findings.append(
                .warning(
                    "signer-boundary", "the signer runs as the same user as the server",
                    advice: "Docs/INSTALL.md gives it one of its own."))
        }
        return findings.contains { $0.severity == .failure }
            ? findings : [.good("signer", "answers, with the keys of this database")] + findings
    }
}

extension Examination {
    func signerState() async -> SignerState {
        let path = configuration.signerSocket ?? folder.signerSocket
        let signer = SignerConnection(path: path, patience: .zero)
        let keys = try? await signer.publicKeys()
        var (isSealed, head): (Bool, (size: UInt64, root: [UInt8])?) = (false, nil)
        do { head = try await signer.checkpointHead() } catch SignerError.sealed { isSealed = true } catch {}
        await signer.close()
        return SignerState(
            isEmbedded: configuration.signerSocket == nil, keys: keys, isSealed: isSealed, head: head)
    }
}
