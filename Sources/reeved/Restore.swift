import ArgumentParser
import Authority
import Posix
import Records
import SSHFormats
import Signers

/// `reeved restore`: takes a backup into use after the newest data were lost.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes a restored backup into use. Never run it on data that are the newest.",
        discussion: """
            Checks the database, then raises the epoch, so that hosts accept the older state, and goes on with serials \
            that were never given. Certificates issued after the backup become void; sessions end; what was revoked or \
            suspended after the backup has to be revoked again. The server must not run.
            """)

    @Option(help: "Folder of the server, with the restored files in it.")
    var data: String

    @Option(name: .customLong("config"), help: "Configuration file (TOML) of the server.")
    var file: String?

    @Option(help: "User to become, when started as root.")
    var user: String?

    func run() async throws {
        do {
            let folder = DataFolder(path: data)
            guard (try? DurableFile(folder.database).access()) != nil else {
                throw StartFault("there is no \(folder.database)", advice: "Restore it from a backup first.")
            }
            try Account.become(user, owning: data)
            let configuration = try file.map(Configuration.read) ?? Configuration()
            try await restore(folder, isEmbedded: configuration.signerSocket == nil)
        } catch {
            Console.complain(error)
            throw ExitCode(1)
        }
    }

    /// The database first: until the signer follows, the server does not start.
    private func restore(_ folder: DataFolder, isEmbedded: Bool) async throws {
        try folder.open()
        try folder.requireKeys(embeddedSigner: isEmbedded, sharedDatabase: false)
        let records = try await Records(path: folder.database)
        guard try await records.currentPolicyVersion() > 0 else {
            throw StartFault(
                "\(folder.database) holds no authority", advice: "Restore a backup of the database.")
        }
        try await Belonging(records: records, folder: folder, database: folder.database).check(
            try folder.sealedSecrets(), origin: try folder.fixedOrigin(""), configured: nil)
        if let damage = try await records.inspect() { throw StartFault(damage, advice: "") }
        let restored = try await records.restore(at: World.real.now())
        await records.close()
        try await letPass(restored.epoch)
        Console.say("the epoch is \(restored.epoch), the next serial \(restored.firstSerial)")
        guard isEmbedded else {
            return Console.say("now run `reeve-signer log restart` where the signer is, then start both")
        }
        let status = try SignerProcess.restartLog(
            folder: folder.signerFolder, keyFile: folder.signerKeyFile)
        guard status == 0 else {
            throw StartFault("the signer has not followed", advice: "Mend what it says, then do this again.")
        }
        Console.say("done: start the server, and revoke again what was revoked after the backup")
    }

    /// Ends in another second than that of the epoch, so that the next restoration gets a later one.
    private func letPass(_ second: UInt64) async throws {
        while World.real.now().seconds <= second { try await Task.sleep(for: .milliseconds(50)) }
    }
}
