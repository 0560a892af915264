import ArgumentParser
import Authority
import Logging
import Names
import Posix
import Records
import Telemetry

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract:
            "Serves. On an empty folder it first makes its keys, database, policy and the first admin's link."
    )

    @Option(help: "Folder for the database, the keys and everything else.")
    var data: String

    @Option(name: .customLong("config"), help: "Configuration file (TOML); `reeved config` prints one.")
    var file: String?

    @Option(help: "ADDRESS:PORT to listen on, instead of the configuration's.")
    var listen: String?

    @Option(help: "Name that people and hosts reach this server by, instead of the configuration's.")
    var name: String?

    @Option(
        help: "postgresql:// address of the database, instead of the configuration's; without a password.")
    var database: String?

    @Option(help: "Name of the first admin, used at first start only. Default: the user who started this.")
    var admin: String?

    @Option(help: "User to become, when started as root.")
    var user: String?

    func run() async throws {
        do {
            try Account.become(user, owning: data)
            let configuration = try configured()
            let log = LogWriter(format: configuration.logFormat) { StandardError.write($0) }
            defer { log.flush() }
            LoggingSystem.bootstrap { label in
                LineLogHandler(
                    label: label, level: configuration.logLevel, format: configuration.logFormat, writer: log,
                    now: WallClock.nanoseconds)
            }
            ProcessUsage.raiseDescriptors()
            try await Server(
                configuration: configuration, folder: DataFolder(path: data),
                admin: try adminName(configuration)
            ).run()
        } catch {
            Console.complain(error)
            throw ExitCode(1)
        }
    }

    private func configured() throws -> Configuration {
        var configuration = try file.map(Configuration.read) ?? Configuration()
        do {
            if let listen { (configuration.host, configuration.port) = try Setting.address(listen) }
        } catch {
            throw StartFault("--listen: expected \(error.sentence)", advice: "")
        }
        do { if let name { configuration.name = try Name(host: name).text } } catch {
            throw StartFault("--name: it \(error)", advice: "Give a DNS name in lower case.")
        }
        if let database { configuration.database = try PostgresAddress(argument: database, of: "--database") }
        return configuration
    }

    private func adminName(_ configuration: Configuration) throws -> Name {
        do { if let admin { return try Name(admin) } } catch {
            throw StartFault("--admin: it \(error)", advice: "Give a name in lower case.")
        }
        if let admin = configuration.admin { return admin }
        let invoking = ["SUDO_USER", "USER", "LOGNAME"].compactMap(Environment.value)
            .compactMap { try? Name($0) }.first { $0.text != "root" }
        return try invoking ?? Name("admin")
    }
}

extension Configuration {
    static func read(_ file: String) throws -> Configuration {
        let bytes = try DurableFile(file).read(limit: 1_048_576)
        let configuration = try Configuration(toml: String(decoding: bytes, as: UTF8.self))
        guard let database = configuration.database, database.holdsPassword else { return configuration }
        guard try DurableFile(file).access().isPrivate else {
            throw ConfigurationFaults(lines: [
                "server.database: holds a password, but others may read \(file)"
            ])
        }
        return configuration
    }
}
