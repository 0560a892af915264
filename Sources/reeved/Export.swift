import ArgumentParser
import Authority
import Posix
import Records

/// `reeved export`: moves an installation from SQLite to PostgreSQL.
struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Moves an installation from SQLite to PostgreSQL.",
        discussion: """
            The server must not run, and the target must be empty. Copies everything, computes the ledger again there \
            and compares root, size and every row; only then the target is in force, and the SQLite file, \
            which stays as it is, is refused by later starts. Keys and settings stay in the folder.
            """)

    @Option(help: "Folder of the server.")
    var data: String

    @Option(help: "postgresql:// address of the empty database; without a password.")
    var to: String?

    @Flag(help: "Take the SQLite file back into use; what was done in PostgreSQL is not in it.")
    var undo = false

    @Option(help: "User to become, when started as root.")
    var user: String?

    func validate() throws {
        guard (to == nil) == undo else { throw ValidationError("Give --to ADDRESS, or --undo.") }
    }

    func run() async throws {
        do {
            let folder = DataFolder(path: data)
            guard (try? DurableFile(folder.database).access()) != nil else {
                throw StartFault("there is no \(folder.database)", advice: "Name the folder of the server.")
            }
            let address = try to.map { try PostgresAddress(argument: $0, of: "--to") }
            try Account.become(user, owning: data)
            try folder.open()
            guard let address else { return try await takeBack(folder) }
            try await move(folder, to: address)
        } catch {
            Console.complain(error)
            throw ExitCode(1)
        }
    }

    private func move(_ folder: DataFolder, to address: PostgresAddress) async throws {
        let records = try await Records(path: folder.database)
        guard try await records.currentPolicyVersion() > 0 else {
            throw StartFault("\(folder.database) holds no authority", advice: "There is nothing to move.")
        }
        let target = try await PostgresConnection(address, node: nil)
        let summary = try await Move(from: records, to: target).run(naming: address.description)
        target.close()
        await records.close()
        let root = summary.root.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        Console.say("moved \(summary.rows) rows to \(address)")
        Console.say("the ledger there has \(summary.events) events and the root \(root), as here")
        Console.say("serials go on above \(summary.lastSerial)")
        Console.say(
            "now set server.database in the configuration to the address that was given, and start the server"
        )
    }

    private func takeBack(_ folder: DataFolder) async throws {
        let records = try await Records(
            try SQLiteConnection(path: folder.database), for: .recovery, now: World.real.now)
        try await records.forgetMove()
        await records.close()
        Console.say("\(folder.database) is in use again: take server.database out, and start the server")
        Console.say("if it says that this database is not the newest, run `reeved restore`")
    }
}

extension PostgresAddress {
    /// Reads what an option says: arguments can be read by everybody on the machine.
    init(argument text: String, of option: String) throws {
        do { try self.init(text) } catch { throw StartFault("\(option): \(error)", advice: "") }
        guard !holdsPassword else {
            throw StartFault(
                "\(option) holds a password, which everybody on this machine can see",
                advice:
                    "Put it into a passfile (PGPASSFILE), or the address into a configuration file of mode 0600."
            )
        }
    }
}
