import Hummingbird
import NIOCore
import ServiceLifecycle

/// The push to agents: one event per version of the host state, and a line without one now and then, so that both sides
/// notice a dead connection (WHATWG HTML §9.2).
struct HostEventStream: Sendable {
    private enum Signal: Sendable { case version(UInt64), keepAlive }

    let versions: AsyncStream<UInt64>
    let keepAlive: Duration
    /// Milliseconds after which a peer that is cut off should be back, as it stands now; said each time, since the number of
    /// peers moves.
    let retry: @Sendable () -> Int

    /// Ends when the server shuts down or the peer is gone.
    var body: ResponseBody {
        ResponseBody { writer in
            for await signal in signals().cancelOnGracefulShutdown() {
                try await writer.write(ByteBuffer(string: text(of: signal)))
            }
            try await writer.finish(nil)
        }
    }

    /// Slow readers miss versions but never the newest.
    private func signals() -> AsyncStream<Signal> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Signal.self, bufferingPolicy: .bufferingNewest(2))
        let pump = Task {
            for await version in versions { continuation.yield(.version(version)) }
            continuation.finish()
        }
        let pulse = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: keepAlive)
                continuation.yield(.keepAlive)
            }
        }
        continuation.onTermination = { _ in
            pump.cancel()
            pulse.cancel()
        }
        return stream
    }

    private func text(of signal: Signal) -> String {
        switch signal {
        case .version(let version): "retry: \(retry())\nevent: state\ndata: {\"version\":\(version)}\n\n"
        case .keepAlive: "retry: \(retry())\n\n"
        }
    }
}
