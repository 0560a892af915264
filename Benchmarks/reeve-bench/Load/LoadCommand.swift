import ArgumentParser
import AuthorityAPI
import AuthorityClient
import Posix

/// `reeve-bench load`: how many certificates a server gives, how fast, and at what CPU time.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Ask for certificates on keep-alive connections, each one request at a time.")

    @Option(
        help: "State folder of `reeve` with a session. Without it the caller is made up, for the bare server."
    )
    var home: String?
    @Option(
        name: .customLong("url"),
        help:
            "https://HOST:PORT, several for connections by turns; by default the server of the state folder.")
    var urls: [String] = []
    @Option(help: "Host to ask a certificate for.")
    var to = "web1.example.com"
    @Option(name: .customLong("as"), help: "Login to ask a certificate for.")
    var login = "alice"
    @Option(help: "Connections at once.")
    var connections = 16
    @Option(help: "Seconds that count.")
    var seconds: Double = 10
    @Option(help: "Seconds before, which do not count.")
    var warmUp: Double = 1
    @Option(help: "Requests signed before the clock starts, so that the client takes less from the server.")
    var prepare = 40_000
    @Option(
        name: .customLong("pid"),
        help: "A process of the server, as NAME=PID; NAME=PID+ counts its children in.")
    var processes: [MeasuredProcess] = []
    @Option(help: "What is measured, for the report.")
    var name = "reeved"

    func validate() throws {
        guard connections > 0, seconds > 0 else {
            throw ValidationError("Give at least one connection and a time.")
        }
        guard warmUp + seconds <= 40 else {
            throw ValidationError("A proof is good for a minute: 40 s at most.")
        }
        guard home != nil || !urls.isEmpty else { throw ValidationError("Give --home or --url.") }
    }

    func run() async throws {
        let caller = try home.map(Caller.init(home:)) ?? Caller.madeUp()
        let servers =
            try urls.isEmpty ? [caller.server].compactMap(\.self) : urls.map { try ServerAddress($0) }
        guard !servers.isEmpty else { throw BenchFault("the state folder names no server") }
        var targets: [Load.Target] = []
        for server in servers {
            let maker = RequestMaker(
                server: server, caller: caller, host: to, login: login,
                nonce: try await nonce(of: server, caller))
            targets.append(
                Load.Target(
                    server: server, maker: maker,
                    prepared: try maker.prepare(prepare / servers.count, within: 15 / UInt64(servers.count))))
        }
        let load = Load(
            targets: targets, trust: caller.rootPEM, connections: connections, processes: processes)
        report(try await load.run(warmUp: warmUp, seconds: seconds))
    }

    /// As clients learn it, from any answer; the bare server gives none.
    private func nonce(of server: ServerAddress, _ caller: Caller) async throws -> String? {
        guard let root = caller.rootPEM else { return nil }
        let connection = try AuthorityConnection(servers: [server], trust: .root(pem: root), key: nil)
        do {
            let (_, facts) = try await connection.bytes(.authority)
            await connection.close()
            return facts.nonce
        } catch {
            await connection.close()
            throw error
        }
    }

    private func report(_ outcome: Load.Outcome) {
        let latency = Distribution(outcome.tally.latencies)
        let count = Double(outcome.tally.latencies.count)
        let width = Double(connections)
        func show(
            _ measure: String, _ value: Double, _ unit: String, _ details: KeyValuePairs<String, Double>
        ) {
            Measurement(measure: measure, subject: name, value: value, unit: unit, details: details).show()
        }
        show(
            "rate", count / outcome.seconds, "certificates/s",
            ["connections": width, "refused": Double(outcome.tally.refused)])
        show("latency p50", latency.median, "ms", ["connections": width])
        show("latency p99", latency.p99, "ms", ["connections": width])
        show("server CPU", outcome.serverCPU / count * 1e6, "µs/certificate", ["connections": width])
        for (index, process) in processes.enumerated() {
            let own: KeyValuePairs = ["connections": width]
            show("CPU of \(process.name)", outcome.cpu[index] / count * 1e6, "µs/certificate", own)
            show("RSS of \(process.name) under load", outcome.resident[index], "MB", own)
        }
        show("client CPU", outcome.clientCPU / count * 1e6, "µs/certificate", ["connections": width])
        if let problem = outcome.tally.problem {
            StandardError.write("reeve-bench: first refusal: \(problem)\n")
        }
    }
}
