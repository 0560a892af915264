import Authority
import NIOCore
import NIOPosix
import SignerProtocol

/// Makes the connection; however many ask, one attempt is under way at a time.
actor SignerDialer {
    private let path: String
    private let group: any EventLoopGroup
    private let patience: Duration
    private var attempt: Task<Result<SignerLink, SignerError>, Never>?
    private var last: SignerLink?

    init(path: String, group: any EventLoopGroup, patience: Duration) {
        self.path = path
        self.group = group
        self.patience = patience
    }

    /// A connection on which hello was said.
    func dial() async -> Result<SignerLink, SignerError> {
        if let last, last.channel.isActive { return .success(last) }
        if let attempt { return await attempt.value }
        let attempt = Task { await connect() }
        self.attempt = attempt
        let result = await attempt.value
        self.attempt = nil
        last = try? result.get()
        return result
    }

    /// Tries until patience ends, soon at first, then every 200 ms.
    private func connect() async -> Result<SignerLink, SignerError> {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: patience)
        var pause = Duration.milliseconds(5)
        while true {
            let result = await connectOnce()
            guard case .failure(.unavailable) = result, clock.now < end, !Task.isCancelled else {
                return result
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(200))
        }
    }

    private func connectOnce() async -> Result<SignerLink, SignerError> {
        let link: SignerLink
        do {
            link = try await ClientBootstrap(group: group).connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture { try SignerLink(on: channel) }
            }
        } catch {
            return .failure(.unavailable(reason: "the signer's socket does not answer: \(error)"))
        }
        switch await link.ask(.hello(version: SignerRequest.version)) {
        case .success(.hello): return .success(link)
        case .success(.fault(let fault)):
            try? await link.channel.close()
            return .failure(.refused(code: fault.code.rawValue, reason: fault.reason))
        case .success: return .failure(.unexpected)
        case .failure(let error): return .failure(error)
        }
    }
}
