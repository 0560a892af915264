import Authority
import Diagnosis
import Posix
import Records
import SSHFormats
import Signers

/// Looks at everything that a server rests on, one after the other.
struct Examination: Sendable {
    let configuration: Configuration
    let folder: DataFolder
    var now: UnixTime = World.real.now()

    func all() async -> [Finding] {
        let signer = await signerState()
        let (look, database) = await databaseState(rootAt: signer.head?.size)
        let keys = KeyExamination(configuration: configuration, folder: folder, database: look).findings
        let files = FileExamination(folder: folder).findings + disk() + limits()
        return ClockExamination(now: now, newest: look?.ledger.newestEvent).findings + files + database + keys
            + CertificateExamination(configuration: configuration, folder: folder, now: now).findings
            + signer.findings(
                isInUse: look?.isInUse ?? false, keys: look?.ledger.keys,
                startsWell: keys.allSatisfy { $0.severity == .good })
            + ledger(look, signer) + backup()
    }

    private func disk() -> [Finding] {
        do {
            let place = Folder(folder.path)
            let free = try place.space()
            let text = "\(free / 1_048_576) MiB are free"
            var findings: [Finding] = []
            if free < configuration.leastFree {
                findings.append(.failure("disk-full", text, advice: "Make room: the server is not ready."))
            } else if free / 10 < configuration.leastFree {
                findings.append(.warning("disk-low", text, advice: "Make room soon."))
            } else {
                findings.append(.good("disk", text))
            }
            if let left = try place.filesLeft() {
                findings.append(
                    left < 1_000
                        ? .failure("inodes-full", "\(left) files can be made", advice: "Remove files there.")
                        : .good("inodes", "\(left) files can be made"))
            }
            return findings
        } catch {
            return [.failure("disk-unwritable", "\(error)", advice: "Check owner, mode and mount.")]
        }
    }

    private func limits() -> [Finding] {
        let (limit, wanted) = (CurrentProcess.descriptorLimit, UInt64(configuration.connections) + 256)
        let text = "\(limit) descriptors, where \(configuration.connections) connections are allowed"
        guard limit < wanted else { return [.good("descriptors", text)] }
        return [
            .warning(
                "descriptors-low", "\(text) (of this shell; the server's may differ)",
                advice: "Raise LimitNOFILE to \(wanted), or lower limits.connections.")
        ]
    }

    private func databaseState(rootAt size: UInt64?) async -> (DatabaseLook?, [Finding]) {
        do {
            let look: DatabaseLook
            if let address = configuration.database {
                look = try await DatabaseLook.server(address, rootAt: size)
            } else {
                guard (try? DurableFile(folder.database).access()) != nil else {
                    throw StartFault("there is no \(folder.database)", advice: "")
                }
                look = try await DatabaseLook.file(folder.database, rootAt: size)
            }
            let words = look.durability.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
            let text = words.joined(separator: ", ") + (look.isInUse ? " (a server is at work)" : "")
            guard look.faults.isEmpty else {
                return (
                    look,
                    [
                        .failure(
                            "not-durable", look.faults.joined(separator: ", "),
                            advice: "Turn it on: confirmed certificates could be lost with the power.")
                    ]
                )
            }
            return (look, [.good("durability", text)])
        } catch RecordsError.postgres(.notDurable(let setting, let value)) {
            return (
                nil,
                [
                    .failure(
                        "not-durable", "\(setting) = \(value)",
                        advice: "Turn it on: confirmed certificates could be lost with the power.")
                ]
            )
        } catch {
            return (
                nil, [.failure("database", "\(error)", advice: "Look at the database and at its owner.")]
            )
        }
    }

    private func ledger(_ look: DatabaseLook?, _ signer: SignerState) -> [Finding] {
        guard let ledger = look?.ledger else { return [] }
        let behind = ledger.size - min(ledger.size, ledger.checkpoint ?? 0)
        let pruned = ledger.pruned > 0 ? ", \(ledger.pruned) of them pruned" : ""
        let text = "\(ledger.size) events\(pruned), \(behind) after the newest checkpoint"
        guard ledger.fitsCheckpoint else {
            return [
                .failure(
                    "ledger-damaged", "the events do not lead to the newest checkpoint",
                    advice: "Stop the server and restore a backup.")
            ]
        }
        if let head = signer.head, head.size > ledger.size || ledger.root.map({ $0 != head.root }) ?? true {
            return [
                .failure(
                    "ledger-behind-signer", "the signer has signed \(head.size) events that are not all here",
                    advice: "Restore the newest database, or run `reeved restore`.")
            ]
        }
        return [.good("ledger", text)]
    }

    /// Nobody tells the server of a backup; whoever makes one may touch a file.
    private func backup() -> [Finding] {
        guard let made = try? DurableFile("\(folder.path)/last-backup").modified() else {
            return [
                .warning(
                    "backup-unknown", "nothing says when the last backup was made",
                    advice: "Have the backup touch \(folder.path)/last-backup.")
            ]
        }
        let days = (now.seconds - min(now.seconds, made)) / 86_400
        guard days <= 7 else {
            return [.warning("backup-old", "the last backup is \(days) days old", advice: "Make one.")]
        }
        return [.good("backup", "the last one is \(days) days old")]
    }
}
