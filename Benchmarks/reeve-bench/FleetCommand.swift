import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Names
import Posix
import SSHFormats

/// `reeve-bench fleet`: how long a revocation takes until each of many hosts says that it has it.
///
/// The hosts are played: each is enrolled, holds its push stream, fetches and verifies each state, reads its list, and
/// acknowledges. What real ones add is the installation on their own disks.
struct FleetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet", abstract: "Time revocations until all of many played hosts acknowledge them.")

    @Option(help: "State folder of `reeve` with the session of an admin.")
    var home: String
    @Option(help: "How many hosts.")
    var hosts = 200
    @Option(help: "How many revocations, one after the other.")
    var rounds = 20

    func run() async throws {
        let caller = try Caller(home: home)
        guard let server = caller.server, let pem = caller.rootPEM else {
            throw BenchFault("the state folder names no server")
        }
        let admin = try AuthorityConnection(
            servers: [server], trust: .root(pem: pem), key: caller.key, token: Secret(caller.token))
        let (words, word) = AsyncStream.makeStream(of: FleetWord.self)
        let fleet = try await PlayedFleet(hosts, admin, pem: pem)
        let running = Task { try await fleet.run { word.yield($0) } }
        var heard = words.makeAsyncIterator()
        // All streams stand once each host has said something.
        var known: Set<Int> = []
        while known.count < hosts, let word = await heard.next() { known.insert(word.host) }
        var (each, last): ([UInt64], [UInt64]) = ([], [])
        for round in 0..<rounds {
            let key = Fingerprint(of: Array("round \(round) \(UInt64.random(in: 0 ... .max))".utf8))
            let request = RevocationRequest(key: key.description, reason: "bench")
            let start = MonotonicClock.now()
            let version = try await admin.call(.revocations, body: request, as: RevocationReply.self).0
                .stateVersion
            var taken: [Int: UInt64] = [:]
            while taken.count < hosts, let word = await heard.next() {
                if word.version >= version { taken[word.host] = taken[word.host] ?? word.at - start }
            }
            each += taken.values
            last.append(taken.values.max() ?? 0)
            try await Self.expectAll(version, hosts, admin)
        }
        running.cancel()
        show("revocation to acknowledgement", Distribution(each))
        show("revocation to the last acknowledgement", Distribution(last))
        await admin.close()
    }

    /// The authority says the same.
    private static func expectAll(_ version: UInt64, _ hosts: Int, _ admin: AuthorityConnection) async throws
    {
        let query = [(name: "version", value: "\(version)"), (name: "wait", value: "5")]
        let found = try await admin.call(.enforcement, query: query, as: EnforcementReply.self).0
        guard found.enforcing >= UInt64(hosts) else {
            throw BenchFault("\(found.enforcing) of \(hosts) hosts enforce state \(version)")
        }
    }

    private func show(_ measure: String, _ taken: Distribution) {
        Measurement(
            measure: measure, subject: "reeved", value: taken.median, unit: "ms",
            details: ["p99": taken.p99, "hosts": Double(hosts), "rounds": Double(rounds)]
        ).show()
    }
}
