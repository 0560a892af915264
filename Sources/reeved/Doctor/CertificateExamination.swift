import Diagnosis
import Foundation
import Posix
import Records
import SSHFormats
import SwiftASN1
import X509

/// When the TLS certificates end.
struct CertificateExamination {
    /// Days before the end at which somebody should act. The server's own leaf is renewed 30 days before.
    private static let soon: UInt64 = 14

    let configuration: Configuration
    let folder: DataFolder
    let now: UnixTime

    var findings: [Finding] {
        if let file = configuration.tlsCertificate {
            return [finding("tls-certificate", file, advice: "Renew it and restart the server.")]
        }
        let root = finding("tls-root", folder.tlsRoot, advice: "Devices and hosts pin it: enrol them anew.")
        guard let leaf = keptLeaf() else { return [root] }
        return [root, leaf]
    }

    private func finding(_ code: String, _ path: String, advice: String) -> Finding {
        do {
            let text = String(decoding: try DurableFile(path).read(limit: 1_048_576), as: UTF8.self)
            let first = text.components(separatedBy: "-----END CERTIFICATE-----")[0]
            let certificate = try X509.Certificate(pemEncoded: first + "-----END CERTIFICATE-----\n")
            return judge(
                code, path, end: UInt64(max(0, certificate.notValidAfter.timeIntervalSince1970)),
                advice: advice)
        } catch {
            return .failure("\(code)-unreadable", "\(path): \(error)", advice: "Restore it from a backup.")
        }
    }

    /// Where the signer is somebody else's: it is shown while that one is sealed.
    private func keptLeaf() -> Finding? {
        guard configuration.signerSocket != nil,
            (try? DurableFile(folder.tlsServer).access()) != nil,
            (try? DurableFile(folder.sealingKey).access()) != nil
        else { return nil }
        do {
            let sealing = try folder.sealedSecrets()
            guard let kept = try KeptIdentity(folder: folder, sealing: sealing).identity(at: now) else {
                return .warning(
                    "tls-server-ended", "the kept server certificate has ended",
                    advice: "Start the server with the signer unlocked.")
            }
            return judge(
                "tls-server", folder.tlsServer, end: kept.validity.validBefore.seconds,
                advice: "Start the server with the signer unlocked.")
        } catch {
            return .failure(
                "tls-server-unreadable", "\(folder.tlsServer): \(error)",
                advice: "Remove it and start the server with the signer unlocked.")
        }
    }

    private func judge(_ code: String, _ path: String, end: UInt64, advice: String) -> Finding {
        guard end > now.seconds else {
            return .failure("\(code)-ended", "\(path) has ended", advice: advice)
        }
        let days = (end - now.seconds) / 86_400
        guard days >= Self.soon else {
            return .warning("\(code)-ends", "\(path) ends in \(days) days", advice: advice)
        }
        return .good(code, "\(path) counts for \(days) more days")
    }
}
