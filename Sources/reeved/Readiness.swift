import Authority
import Gateway
import Posix
import Records

extension ReadinessCheck {
    /// What `/readyz` says of this server.
    ///
    /// - Parameter leastFree: Bytes that must be free where the data folder is.
    static func all(
        signer: any Signer, isEmbedded: Bool, records: Records, folder: DataFolder, leastFree: UInt64
    ) -> [ReadinessCheck] {
        [
            ReadinessCheck("signer") {
                do {
                    _ = try await signer.checkpointSize()
                    return nil
                } catch SignerError.sealed {
                    return Degradation(
                        .fails, "the signer is sealed: nothing can be issued until `reeve-signer unlock`")
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
                } catch {
                    return Degradation(.fails, "the database does not answer: nothing can be decided")
                }
                return records.trouble.map { Degradation(.fails, "nothing can be kept: \($0)") }
            },
            ReadinessCheck("disk") {
                do {
                    let free = try Folder(folder.path).space()
                    guard free < leastFree else { return nil }
                    return Degradation(.fails, "\(free / 1_048_576) MiB are free in the data folder")
                } catch {
                    return Degradation(.fails, "the data folder cannot be written: \(error)")
                }
            },
        ]
    }
}
