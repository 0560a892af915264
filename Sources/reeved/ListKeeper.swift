import Authority
import ServiceLifecycle

/// Looks at the public KRLs every few seconds, whether or not anybody asks: they are still served, as they were last known,
/// when the store does not answer.
struct ListKeeper: Service {
    /// Seconds between two looks. A look at a list that did not change reads one number.
    private static let pause = 10

    let lists: RevocationLists

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // Where the store does not answer, what is held stays.
                for authority in CertificateAuthority.allCases { _ = try? await lists.published(authority) }
                try? await Task.sleep(for: .seconds(Self.pause))
            }
        }
    }
}
