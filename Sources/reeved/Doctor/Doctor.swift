import ArgumentParser
import Diagnosis
import Foundation
import Posix
import Records

/// `reeved doctor`: what is or will be wrong with this server.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Examines clock, files, disk, durability, certificates, signer and ledger.",
        discussion: """
            Changes nothing and may run beside the server. Every finding has a code that stays the same, and says what to \
            do. Exit status 1 if something has failed; warnings alone leave it at 0.
            """)

    @Option(help: "Folder of the server.")
    var data: String

    @Option(name: .customLong("config"), help: "Configuration file (TOML) of the server.")
    var file: String?

    @Option(help: "postgresql:// address of the database, as given to `serve`; without a password.")
    var database: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: "User to become, when started as root: that of the server.")
    var user: String?

    func run() async throws {
        let findings: [Finding]
        do {
            guard (try? DurableFile("\(data)/.").access()) != nil else {
                throw StartFault("there is no \(data)", advice: "Name the folder of the server.")
            }
            try Account.become(user, owning: data)
            var configuration = try file.map(Configuration.read) ?? Configuration()
            if let database {
                configuration.database = try PostgresAddress(argument: database, of: "--database")
            }
            findings = await Examination(configuration: configuration, folder: DataFolder(path: data)).all()
        } catch {
            Console.complain(error)
            throw ExitCode(1)
        }
        try show(findings)
        guard findings.allSatisfy({ $0.severity != .failure }) else { throw ExitCode(1) }
    }

    private struct Report: Encodable {
        let healthy: Bool
        let findings: [Finding]
    }

    private func show(_ findings: [Finding]) throws {
        guard json else {
            for finding in findings { print(finding.line) }
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let report = Report(
            healthy: findings.allSatisfy { $0.severity != .failure }, findings: findings)
        print(String(decoding: try encoder.encode(report), as: UTF8.self))
    }
}
