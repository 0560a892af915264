import Diagnosis
import Posix
import Records
import Signers

/// The keys in the data folder: whether a server would start with them. Decided as at a start, by the same code.
struct KeyExamination: Sendable {
    let configuration: Configuration
    let folder: DataFolder
    /// Nil where the database cannot be read: then nothing tells what belongs to it.
    let database: DatabaseLook?

    private var isEmbedded: Bool { configuration.signerSocket == nil }
    private var isBegun: Bool { database.map { $0.policyVersion > 0 } ?? false }
    private var databaseName: String { configuration.database?.description ?? folder.database }

    var findings: [Finding] {
        let missing =
            isBegun
            ? folder.missingKeys(embeddedSigner: isEmbedded, sharedDatabase: configuration.database != nil)
            : []
        let found = missing.map { Self.failure("key-missing", $0) } + sealing() + origin() + signer()
        return found.isEmpty ? [.good("keys", "are those of this database, and can be opened")] : found
    }

    private func sealing() -> [Finding] {
        do throws(StartFault) {
            guard let secrets = try folder.heldSecrets(), let kept = database?.keepsake else { return [] }
            let fault = Belonging.fault(of: secrets, kept, folder, databaseName)
            return fault.map { [Self.failure("sealing-key", $0)] } ?? []
        } catch {
            return [Self.failure("sealing-key", error)]
        }
    }

    private func origin() -> [Finding] {
        guard let kept = database?.keepsake.origin, let held = try? folder.heldOrigin(), held != kept
        else { return [] }
        return [Self.failure("origin", Belonging.otherOrigin(held, folder, databaseName))]
    }

    /// The signer that the server starts. Another one's files are its user's alone: it is asked instead.
    private func signer() -> [Finding] {
        let isThere = [folder.signerKeyFile, folder.signerKeys].allSatisfy {
            (try? DurableFile($0).access()) != nil
        }
        guard isEmbedded, isThere else { return [] }
        let advice = "Restore the signer's folder from a backup."
        do throws(PosixError) {
            let (status, faults) = try SignerProcess.check(
                folder: folder.signerFolder, keyFile: folder.signerKeyFile)
            guard status != 0, faults.isEmpty else {
                return faults.map { .failure("signer-files", $0, advice: advice) }
            }
            return [
                .failure(
                    "signer-files", "`reeve-signer check` ended with status \(status)",
                    advice: "Run it and look at what it says.")
            ]
        } catch {
            return [.failure("signer-files", "\(error)", advice: "Install reeve-signer beside reeved.")]
        }
    }

    private static func failure(_ code: String, _ fault: StartFault) -> Finding {
        .failure(code, fault.sentence, advice: fault.advice)
    }
}
