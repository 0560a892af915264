import ArgumentParser
import Authority
import Posix
import Records
import SSHFormats

/// `reeved prune`: forgets what is old; what is left can be proven as before.
struct Prune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Forgets the content of old events, and certificates that ended long ago.",
        discussion: """
            The hash of every event stays, so proofs, checkpoints and exports of the others verify as before. Only events \
            that a checkpoint covers go, the oldest first. The pruning is an event itself. It cannot be undone. With \
            SQLite the server must not run.
            """)

    /// Host certificates live 30 days: nobody may forget what still counts.
    static let leastDays = 31

    @Option(help: "Folder of the server.")
    var data: String

    @Option(help: ArgumentHelp("Age in days, at least 31.", valueName: "days"))
    var olderThan: Int

    @Option(name: .customLong("config"), help: "Configuration file (TOML) of the server.")
    var file: String?

    @Option(help: "User to become, when started as root.")
    var user: String?

    func validate() throws {
        guard (Self.leastDays...36_500).contains(olderThan) else {
            throw ValidationError("--older-than is \(Self.leastDays) days or more")
        }
    }

    func run() async throws {
        do {
            try Account.become(user, owning: data)
            let folder = DataFolder(path: data)
            try folder.open()
            let records = try await records(folder)
            if let damage = try await records.inspect() { throw StartFault(damage, advice: "") }
            let cutoff = World.real.now().advanced(by: -Int64(olderThan) * 86_400)
            let pruned = try await records.prune(before: cutoff)
            await records.close()
            Console.say(
                "\(pruned.newly) events more are hashes alone, \(pruned.events) in all; "
                    + "\(pruned.certificates) certificates are forgotten")
        } catch {
            Console.complain(error)
            throw ExitCode(1)
        }
    }

    private func records(_ folder: DataFolder) async throws -> Records {
        let configuration = try file.map(Configuration.read) ?? Configuration()
        guard let database = configuration.database else {
            guard (try? DurableFile(folder.database).access()) != nil else {
                throw StartFault("there is no \(folder.database)", advice: "Name the folder of the server.")
            }
            return try await Records(path: folder.database)
        }
        return try await Records(try await PostgresConnection(database, node: nil), now: World.real.now)
    }
}
