import Diagnosis
import Posix
import SSHFormats

/// The certificates that are held, when they end, and whether their keys are at hand.
struct HeldExamination {
    /// Most findings of one kind.
    private static let most = 20

    let state: StateFolder

    var findings: [Finding] {
        do {
            let held = try HeldCertificates(state)
            let ending = "-cert.pub"
            let stems = try LinkFolder(path: held.folder).names().filter { $0.hasSuffix(ending) }
                .map { String($0.dropLast(ending.utf8.count)) }.sorted()
            guard !stems.isEmpty else {
                return [
                    .note(
                        "certificates-none", "no certificate is held; ssh and reeve ssh fetch one when needed"
                    )
                ]
            }
            var agent = KeyAgent()
            return stems.prefix(Self.most).map { finding(of: $0, held, &agent) }
        } catch {
            return [
                .failure(
                    "certificates-unreadable", Fault(error).happened, command: "reeve logout && reeve login")
            ]
        }
    }

    private func finding(of stem: String, _ held: HeldCertificates, _ agent: inout KeyAgent?) -> Finding {
        let now = WallClock.now()
        guard let certificate = try? held.certificate(named: stem) else {
            return .warning("certificate-damaged", "\(stem) is not whole", command: "reeve login")
        }
        guard certificate.validAfter.seconds <= now else {
            return ClockFinding.wrong(
                "the certificate \(stem) is of the future, by the clock of this machine")
        }
        let end = certificate.validBefore.seconds
        guard end > now else {
            return .note(
                "certificate-ended",
                "\(stem) ended at \(Moment.text(end)); another one is fetched when needed")
        }
        let isAtHand =
            held.hasKeyFile(stem)
            ? held.hasKey(of: certificate, in: stem) : (try? agent?.holds(certificate)) ?? false
        guard isAtHand else {
            return .note(
                "certificate-without-key",
                "\(stem) counts, and its key is gone from the ssh-agent; another one is fetched")
        }
        return .good("certificate", "\(stem), serial \(certificate.serial), until \(Moment.text(end))")
    }
}
