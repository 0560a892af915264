package import Authority
import Synchronization

/// An identity provider `corp` that answers what a test wants, and counts how often it is asked.
package final class PlayedUpstream: Upstream {
    package static let issuer = "https://id.example.com"
    package static let staleness: UInt64 = 900

    private let state = Mutex<(answer: UpstreamAnswer, asked: Int)>((.unknown(reason: "nothing set"), 0))

    package init() {}

    package var isEmpty: Bool { false }
    package var asked: Int { state.withLock(\.asked) }

    package func behave(_ answer: UpstreamAnswer) { state.withLock { $0.answer = answer } }

    package func issuer(of provider: String) -> String? { provider == "corp" ? Self.issuer : nil }
    package func staleness(of issuer: String) -> UInt64? { issuer == Self.issuer ? Self.staleness : nil }

    package func ask(_ account: UpstreamSubject, token: [UInt8]) async -> UpstreamAnswer {
        state.withLock { state in
            state.asked += 1
            return state.answer
        }
    }
}
