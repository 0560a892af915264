import Diagnosis
import HostDocuments
import Posix
import SSHFormats

/// What the authority gave this host: state, KRL, host certificates, drop-in.
struct StateExamination: Sendable {
    /// Seconds after which a state should have been replaced by a newer one: rounds come every five minutes.
    private static let old: UInt64 = 3_600

    private let examination: HostExamination
    private let record: EnrolmentRecord
    private let now: UnixTime
    private var settings: AgentSettings { examination.settings }
    private var folder: AgentFolder { settings.folder }
    private var remedies: Remedies { examination.remedies }

    init(_ examination: HostExamination, _ record: EnrolmentRecord) {
        self.examination = examination
        self.record = record
        now = examination.now()
    }

    var findings: [Finding] { state + certificates + dropIn }

    private var state: [Finding] {
        do throws(Fault) {
            let installer = StateInstaller(settings: settings, host: record.host, key: try record.stateKey())
            guard let held = try installer.held() else {
                return [
                    .failure("no-state", "no state of the authority is in force yet", command: remedies.sync)
                ]
            }
            return [judge(held), krl(held)]
        } catch {
            return [.failure(error.code, error.text, command: remedies.sync)]
        }
    }

    private func judge(_ held: VerifiedState) -> Finding {
        let age = now.seconds - min(now.seconds, held.state.issuedAt)
        guard now.seconds < held.state.notAfter else {
            return .failure(
                "state-stale",
                "the state in force is \(Self.words(age)) old and ended \(Self.words(now.seconds - held.state.notAfter)) ago: "
                    + "what was revoked since may still log in", command: remedies.sync)
        }
        guard age <= Self.old else {
            return .warning(
                "state-old",
                "the state in force, with its KRL, is \(Self.words(age)) old; it counts for "
                    + "\(Self.words(held.state.notAfter - now.seconds)) more", command: remedies.sync)
        }
        return .good("state", "version \(held.state.version), \(Self.words(age)) old")
    }

    /// sshd refuses everybody where it cannot read the list.
    private func krl(_ held: VerifiedState) -> Finding {
        let outcome = try? Subprocess.run(settings.sshKeygen, ["-Q", "-f", folder.revokedKeys])
        guard let outcome, outcome.status == 0 else {
            return .failure(
                "krl-unreadable", "OpenSSH cannot read \(folder.revokedKeys): \(outcome?.complaint ?? "")",
                command: remedies.sync)
        }
        return .good("krl", "\(held.krl.entries) entries, and OpenSSH reads it")
    }

    private var certificates: [Finding] {
        do throws(Fault) {
            let keys = try HostKeys.find(SSHD(settings))
            let notes = keys.notes.map { Finding.note("host-key", $0.text) }
            guard !keys.usable.isEmpty else {
                return notes + [
                    .failure(
                        "no-host-key", "no host key of sshd can be certified",
                        command: "ssh-keygen -A && \(remedies.sync)")
                ]
            }
            return notes + keys.usable.map(certificate)
        } catch {
            // Told by the examination of sshd.
            return []
        }
    }

    private func certificate(of key: HostKey) -> Finding {
        let store = HostCertificates(folder: folder, host: record.host)
        let file = folder.certificate(ofKeyFile: key.file)
        guard let held = store.held(for: key), let validity = held.validity else {
            return .failure(
                "host-certificate-missing",
                "\(key.file) has no certificate: clients do not know this host by it",
                command: remedies.sync)
        }
        guard validity.validBefore > now else {
            return .failure("host-certificate-ended", "\(file) has ended", command: remedies.sync)
        }
        guard validity.validAfter <= now else {
            return .failure(
                "host-certificate-early", "\(file) does not count yet, by this clock",
                command: "timedatectl set-ntp true"
            )
        }
        let left = Self.words(validity.validBefore.seconds - now.seconds)
        let renewal = HostCertificates.renewal(of: held, validity)
        guard now.seconds < renewal.advanced(by: 86_400).seconds else {
            return .warning(
                "host-certificate-due", "\(file) should have been renewed and ends in \(left)",
                command: remedies.sync)
        }
        return .good("host-certificate", "\(file) counts for \(left) more")
    }

    private var dropIn: [Finding] {
        let store = HostCertificates(folder: folder, host: record.host)
        let keys = (try? HostKeys.find(SSHD(settings)).usable) ?? []
        let files = keys.filter { store.held(for: $0) != nil }
            .map { folder.certificate(ofKeyFile: $0.file) }
        let wanted = DropIn(settings: settings, certificates: files)
        let path = settings.dropIn
        guard let bytes = try? DurableFile(path).read(limit: 1_048_576) else {
            return [
                .failure(
                    "drop-in-missing", "there is no \(path), so sshd knows no CA", command: remedies.sync)
            ]
        }
        guard DropIn.isOurs(bytes) else {
            let word = PlainText.shellWord(path)
            return [
                .failure(
                    "drop-in-foreign", "\(path) was not written by reeve-agent",
                    command: "mv \(word) \(word).foreign && \(remedies.sync)")
            ]
        }
        if bytes != Array(wanted.text.utf8) {
            return [
                .failure("drop-in-changed", "\(path) is not as reeve-agent writes it", command: remedies.sync)
            ]
        }
        guard SSHDFiles.includes(path, from: settings.sshdConfig) else {
            let include = path.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/*.conf"
            let main = PlainText.shellWord(settings.sshdConfig)
            return [
                .failure(
                    "drop-in-not-included", "\(settings.sshdConfig) does not read \(path)",
                    command: "sed -i '1i Include \(include)' \(main) && \(remedies.reload)")
            ]
        }
        guard !FileTree.exists(folder.reloadDue) else {
            return [.failure("reload-due", "sshd has not read \(path) yet", command: remedies.sync)]
        }
        return [.good("drop-in", "\(path) is included and whole")]
    }

    static func words(_ seconds: UInt64) -> String {
        let units: [(UInt64, String)] = [(86_400, "days"), (3_600, "hours"), (60, "minutes")]
        guard let (size, unit) = units.first(where: { seconds >= 2 * $0.0 }) else { return "\(seconds) s" }
        return "\((seconds + size / 2) / size) \(unit)"
    }
}
