/// Something of a provider's that is fetched when it is needed, seldom, and kept while the provider cannot be reached.
///
/// However many ask at once and however often, it is fetched once at a time and at most once in ``pause``: what a stranger
/// sends cannot make this server ask more.
actor Kept<Value: Sendable> {
    typealias Clock = @Sendable () -> ContinuousClock.Instant

    /// Older than that it is fetched anew before it is used.
    let freshness: Duration
    /// Between two fetches, whatever came of the first.
    let pause: Duration
    /// Kept for so long without the provider.
    let longest: Duration
    private let now: Clock
    private let fetch: @Sendable () async throws(ProviderFault) -> Value

    private var value: (value: Value, at: ContinuousClock.Instant)?
    private var tried: (at: ContinuousClock.Instant, fault: ProviderFault?)?
    private var running: Task<Result<Value, ProviderFault>, Never>?

    init(
        freshness: Duration, pause: Duration, longest: Duration, now: @escaping Clock,
        fetch: @escaping @Sendable () async throws(ProviderFault) -> Value
    ) {
        self.freshness = freshness
        self.pause = pause
        self.longest = longest
        self.now = now
        self.fetch = fetch
    }

    /// As fresh as can be had.
    ///
    /// - Throws: What came of the last fetch, where nothing is kept.
    func current() async throws(ProviderFault) -> Value {
        if let value, now() - value.at < freshness { return value.value }
        if let fresh = try await refreshed() { return fresh }
        return try kept()
    }

    /// Fetched anew; nil where it was tried a moment ago.
    func refreshed() async throws(ProviderFault) -> Value? {
        if running == nil, let tried, now() - tried.at < pause { return nil }
        let result = await result()
        if case .failure(let fault) = result, value == nil { throw fault }
        return try? result.get()
    }

    /// Why what is kept is not fresh; nil where it is, or where nothing is kept.
    var trouble: ProviderFault? {
        guard let value, now() - value.at >= freshness, let tried, tried.at > value.at else { return nil }
        return tried.fault
    }

    private func kept() throws(ProviderFault) -> Value {
        if let value, now() - value.at < longest { return value.value }
        throw tried?.fault ?? .unavailable(reason: "it was asked a moment ago")
    }

    private func result() async -> Result<Value, ProviderFault> {
        if let running { return await running.value }
        let began = now()
        tried = (began, nil)
        let task = Task { [fetch] () -> Result<Value, ProviderFault> in
            do throws(ProviderFault) { return .success(try await fetch()) } catch { return .failure(error) }
        }
        running = task
        let result = await task.value
        running = nil
        switch result {
        case .success(let new): value = (new, began)
        case .failure(let fault): tried = (began, fault)
        }
        return result
    }
}
