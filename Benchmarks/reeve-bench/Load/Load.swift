import AuthorityAPI
import AuthorityClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Posix

/// A closed loop of connections against one server, or several by turns, from one thread.
struct Load {
    /// A server with the requests for it.
    struct Target {
        let server: ServerAddress
        let maker: RequestMaker
        let prepared: [PreparedRequest]
    }

    let targets: [Target]
    /// PEM of the root to trust; nil trusts anyone.
    let trust: String?
    let connections: Int
    let processes: [MeasuredProcess]

    struct Outcome {
        let tally: Tally
        /// How long was counted.
        let seconds: Double
        /// CPU time of each process meanwhile, in seconds.
        let cpu: [Double]
        /// Resident memory of each process at the end, in MB.
        let resident: [Double]
        let clientCPU: Double

        var serverCPU: Double { cpu.reduce(0, +) }
    }

    private static let client = MeasuredProcess(name: "client", pid: CurrentProcess.pid)

    /// - Throws: When a connection ends before the window does, or no certificate came at all.
    func run(warmUp: Double, seconds: Double) async throws -> Outcome {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let start = MonotonicClock.now() + UInt64(warmUp * 1e9)
        let window = Window(start: start, end: start + UInt64(seconds * 1e9))
        let loop = group.next()
        let tls = try NIOSSLContext(configuration: configuration())
        var outcomes: [EventLoopFuture<Tally>] = []
        for (target, requests) in shares() {
            let outcome = loop.makePromise(of: Tally.self)
            outcomes.append(outcome.futureResult)
            let maker = target.maker
            connect(to: target.server, loop, tls, outcome) {
                ClosedLoop(window: window, maker: maker, prepared: requests, outcome: outcome)
            }
        }
        let before = try await cpu(at: window.start)
        let after = try await cpu(at: window.end)
        let resident = try processes.map { try $0.residentMB() }
        let tally = try await EventLoopFuture.whenAllSucceed(outcomes, on: loop).get().reduce(Tally(), +)
        try await group.shutdownGracefully()
        guard !tally.latencies.isEmpty else {
            throw BenchFault("no certificate came; \(tally.problem ?? "")")
        }
        let used = zip(after, before).map { $0 - $1 }
        return Outcome(
            tally: tally, seconds: Double(window.end - window.start) / 1e9, cpu: Array(used.dropLast()),
            resident: resident, clientCPU: used.last ?? .nan)
    }

    private func connect(
        to server: ServerAddress, _ loop: any EventLoop, _ tls: NIOSSLContext,
        _ outcome: EventLoopPromise<Tally>,
        _ handler: @escaping @Sendable () -> ClosedLoop
    ) {
        let name = server.isNumeric ? nil : server.host
        let bootstrap = ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(try NIOSSLClientHandler(context: tls, serverHostname: name))
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(handler())
                }
            }
        bootstrap.connect(host: server.host, port: server.port).whenFailure { outcome.fail($0) }
    }

    /// Every connection with its server and with as many prepared requests as the others have.
    private func shares() -> [(Target, [PreparedRequest])] {
        (0..<connections).map { connection in
            let target = targets[connection % targets.count]
            let share = target.prepared.count / (1 + (connections - 1) / targets.count)
            return (
                target, Array(target.prepared.dropFirst(connection / targets.count * share).prefix(share))
            )
        }
    }

    private func configuration() throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        guard let trust else {
            configuration.certificateVerification = .none
            return configuration
        }
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(trust.utf8)))
        return configuration
    }

    /// CPU time of all processes, the client last, when that moment has come.
    private func cpu(at moment: UInt64) async throws -> [Double] {
        let now = MonotonicClock.now()
        if now < moment { try await Task.sleep(for: .nanoseconds(Int64(moment - now))) }
        return try (processes + [Self.client]).map { try $0.cpuSeconds() }
    }
}
