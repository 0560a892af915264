import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Ledger
import Posix

/// `reeve audit`
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "The ledger: list, export, verify.",
        subcommands: [
            AuditListCommand.self, AuditExportCommand.self, AuditVerifyCommand.self, AuditWitnessCommand.self,
        ])
}

struct AuditListCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Print events, one JSON object on each line.")

    @Option(help: "Index of the first event; by default so that the newest are shown.")
    var from: UInt64?
    @Option(help: "How many, at most 1000.")
    var limit: UInt64 = 50
    @OptionGroup var common: CommonOptions

    func perform() async throws {
        let reply = try await StateFolder().signedIn { connection in
            var first = from
            if first == nil {
                let size = try await LedgerPages(connection).page(from: 0, limit: 1).treeSize
                first = size > limit ? size - limit : 0
            }
            return try await LedgerPages(connection).page(from: first ?? 0, limit: limit)
        }
        show(
            reply,
            table: Table(
                rows: try reply.events.map { event in
                    let bytes = try LedgerPages.bytes(of: event)
                    let text =
                        bytes.isEmpty ? "pruned \(event.leafHash)" : String(decoding: bytes, as: UTF8.self)
                    return ["\(event.index)\t\(text)"]
                }))
    }
}

struct AuditExportCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the whole ledger to a file that anybody can verify offline.",
        discussion:
            "What is written is verified on the way, and must have grown out of what this device saw before.")

    @Argument(help: "File to write.", completion: .file())
    var file: String
    @OptionGroup var common: CommonOptions

    struct Report: Encodable {
        let file: String
        let events: UInt64
        let root: String
        let key: String
    }

    func perform() async throws {
        let state = try StateFolder()
        let key = try VerifierKey(parsing: try state.device().checkpointKey)
        let verified = try await state.signedIn { connection in
            try await LedgerDownload(key: key, state: state, pages: LedgerPages(connection)).write(to: file)
        }
        show(
            Report(file: file, events: verified.size, root: "\(verified.root)", key: "\(key)"),
            lines: [
                "\(verified.size) events are in \(file), root \(verified.root).",
                "next: reeve audit verify \(file)",
            ])
    }
}

struct AuditVerifyCommand: ReeveCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Verify an export offline.",
        discussion: """
            Exit status 0 if every event stands as it was signed; else 1, and the first bad index is printed. The key is the \
            one that this device pinned when it enrolled, unless another is given.
            """)

    @Argument(help: "Export; - is standard input.", completion: .file())
    var file: String
    @Option(help: ArgumentHelp("Verifier key of the ledger.", valueName: "vkey"))
    var key: String?
    @Option(help: ArgumentHelp("File with the verifier key.", valueName: "path"))
    var keyFile: String?
    @Flag(help: "Refuse an export of which events were pruned.")
    var complete = false
    @OptionGroup var common: CommonOptions

    struct Report: Encodable {
        let good: Bool
        let events: UInt64?
        var pruned: UInt64?
        let root: String?
        let key: String?
        let firstBadIndex: UInt64?
        let reason: String?
    }

    func validate() throws {
        guard key == nil || keyFile == nil else {
            throw ValidationError("Give --key or --key-file, not both.")
        }
    }

    func perform() async throws {
        let trusted = try trustedKey()
        var verifier = LedgerVerifier(trusted: trusted)
        do {
            let progress = Progress("KB verified")
            var count: UInt64 = 0
            try InputFile(path: file).forEachChunk { chunk in
                try verifier.feed(bytes: chunk)
                count += UInt64(chunk.count)
                progress.report(count / 1_000)
            }
            progress.clear()
            let verified = try verifier.finish()
            guard !complete || verified.pruned == 0 else {
                throw Fault(
                    .refused, "\(verified.pruned) events of this export were pruned",
                    next: "Ask for an export from before, or leave out --complete.")
            }
            show(
                Report(
                    good: true, events: verified.size, pruned: verified.pruned, root: "\(verified.root)",
                    key: "\(verified.key)",
                    firstBadIndex: nil, reason: nil),
                lines: ["good: \(verified.size) events, root \(verified.root)", "signed by \(verified.key)"]
                    + (verified.pruned == 0
                        ? [] : ["pruned: the first \(verified.pruned) are hashes alone"]))
        } catch let fault as LedgerFault {
            show(
                Report(
                    good: false, events: nil, root: nil, key: "\(trusted)",
                    firstBadIndex: fault.firstBadIndex,
                    reason: fault.description),
                lines: ["BAD from event \(fault.firstBadIndex): \(fault)"])
            throw Fault(
                .refused, "the export does not verify",
                next: "Keep the file, and compare with another export.")
        }
    }

    private func trustedKey() throws -> VerifierKey {
        if let key { return try Self.key(key, of: "--key") }
        if let keyFile {
            let text = try InputFile.text(keyFile)
            return try Self.key(String(text.prefix { !$0.isWhitespace }), of: keyFile)
        }
        guard let device = try StateFolder().record(DeviceRecord.file, as: DeviceRecord.self) else {
            throw Fault(
                .usage, "no key of the ledger is known here", next: "Give it with --key or --key-file.")
        }
        return try VerifierKey(parsing: device.checkpointKey)
    }

    private static func key(_ text: String, of place: String) throws -> VerifierKey {
        do { return try VerifierKey(parsing: text) } catch {
            throw Fault(
                .usage, "\(place): not a verifier key, which reads NAME+HASH+KEY",
                next: "Take the key that `reeve audit export` prints.")
        }
    }
}
