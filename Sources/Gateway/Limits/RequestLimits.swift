import Authority
import AuthorityAPI
import Names

/// How many requests one address and one identity may make.
///
/// What proves nobody is counted for the address it comes from; what proves an identity, for that identity alone. So
/// hundreds of people behind one address take nothing from each other once they are signed in.
struct RequestLimits: Sendable {
    private let sources: RateTable
    private let identities: RateTable

    init(_ configuration: GatewayConfiguration) {
        sources = RateTable(perSecond: configuration.requestsPerSource)
        identities = RateTable(perSecond: configuration.requestsPerIdentity)
    }

    /// Before anything is proven. A call that has to prove an identity is not counted yet, but where the address has
    /// used up its share, not looked at either.
    ///
    /// - Throws: ``DoorError/tooMany(seconds:)``
    func admit(_ route: Route?, from source: String) throws(DoorError) {
        let network = SourceNetwork.of(source)
        switch route?.access {
        case .session, .host: try refuse(sources.look(network))
        case .anyone, .keyHolder, nil: try refuse(sources.take(network))
        }
    }

    /// Before a token is looked at that is to prove an identity.
    ///
    /// - Throws: ``DoorError/tooMany(seconds:)``
    func admitUnproven(from source: String) throws(DoorError) {
        try refuse(sources.look(SourceNetwork.of(source)))
    }

    /// A call that had to prove an identity and did not.
    func countUnproven(from source: String) { _ = sources.take(SourceNetwork.of(source)) }

    /// - Throws: ``DoorError/tooMany(seconds:)``
    func admit(_ identity: IdentityID) throws(DoorError) { try refuse(identities.take(identity)) }

    private func refuse(_ seconds: UInt64?) throws(DoorError) {
        if let seconds { throw .tooMany(seconds: seconds) }
    }
}
