package import Authority
package import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
package import SSHFormats
package import Telemetry

/// The HTTP API: the only translator between HTTP and the authority.
package struct Gateway: Sendable {
    private let door: Door
    private let configuration: GatewayConfiguration
    private let identity: ShownIdentity
    private let sources: SourceTable
    private let logger: Logger

    /// - Parameters:
    ///   - readiness: What `/readyz` asks.
    ///   - metrics: What `/metrics` shows beside the gateway's own counts.
    package init(
        authority: Authority, configuration: GatewayConfiguration, tls: TLSIdentity,
        readiness: [ReadinessCheck] = [], metrics: [Metric] = [], logger: Logger,
        now: @escaping @Sendable () -> UnixTime
    ) {
        let sources = SourceTable(limit: configuration.mostConnectionsPerSource)
        door = Gateway.door(
            authority: authority, configuration: configuration, sources: sources, readiness: readiness,
            metrics: metrics, logger: logger, now: now)
        self.configuration = configuration
        identity = ShownIdentity(tls)
        self.sources = sources
        self.logger = logger
    }

    /// Everything but the server itself.
    static func door(
        authority: Authority, configuration: GatewayConfiguration, sources: SourceTable,
        readiness: [ReadinessCheck], metrics: [Metric], logger: Logger,
        now: @escaping @Sendable () -> UnixTime
    ) -> Door {
        let tally = Tally()
        let keeper = DoorKeeper(authority: authority, configuration: configuration, now: now)
        let streams = EventStreams(limit: configuration.mostEventStreams)
        let repetitions = Repetitions(limit: configuration.mostWaitingRepetitions)
        let own = [
            Metric.gauge("keyreeve_connections", "Open connections.") { Double(sources.total) },
            Metric.gauge("keyreeve_event_streams", "Open streams of host events.") { Double(streams.count) },
            Metric.gauge("keyreeve_proofs", "Ids of proofs held against replay.") {
                Double(keeper.proofs.count)
            },
            Metric.gauge("keyreeve_waiting_repetitions", "Requests that wait for their Idempotency-Key.") {
                Double(repetitions.waiting)
            },
        ]
        return Door(
            authority: authority, configuration: configuration, keeper: keeper,
            repetitions: repetitions,
            deadlines: BodyDeadlines(timeout: .seconds(configuration.bodyTimeout)),
            limits: RequestLimits(configuration),
            routes: Routes(
                authority: authority, configuration: configuration, streams: streams, tally: tally,
                readiness: readiness, metrics: tally.metrics + own + metrics, now: now),
            tally: tally, journal: RequestLog(logger: logger))
    }

    /// Shows another certificate to connections that come from now on.
    package func show(_ identity: TLSIdentity) { self.identity.replace(by: identity) }

    /// The server, as a service: runs until it is shut down, then lets requests in flight end.
    ///
    /// - Parameter onListening: Called once with the port.
    /// - Throws: What TLS says of a certificate or key that it cannot use.
    package func application(
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws -> some ApplicationProtocol {
        let limits = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: configuration.longestHeader, maxHeaderListSize: configuration.longestHeader,
            maxHeaderFieldCount: configuration.mostHeaderFields)
        let sources = sources
        let limit = TimeAmount.seconds(Int64(configuration.farewell))
        let http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [SourceGate(sources), TargetCheckPlacement(), Farewell(limit: limit)],
            idleTimeout: .seconds(Int64(configuration.idleTimeout)), httpDecoderConfiguration: limits)
        let tls = identity.configuration
        let server = HTTPServerBuilder { responder in
            let channel = HTTP1Channel(responder: responder, configuration: http)
            return LoopBoundChannel(base: try TLSChannel(channel, tlsConfiguration: tls))
        }
        return Application(
            responder: door, server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.address, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.mostConnections)),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: logger)
    }
}
