import AuthorityAPI

/// The keys that a provider publishes (RFC 7517 §5), those of them that can be used here.
package struct ProviderKeys: Sendable {
    package static let most = 64

    package let keys: [ProviderKey]

    /// A set without keys is one too: those that were there before no longer count.
    ///
    /// - Throws: ``ProviderFault/unavailable(reason:)`` for what is no set of keys, or has too many.
    package init(_ bytes: [UInt8]) throws(ProviderFault) {
        guard let set = try? JSONValue.read(bytes), case .array(let all)? = set["keys"] else {
            throw .unavailable(reason: "what it calls its keys is no set of keys")
        }
        guard all.count <= Self.most else { throw .unavailable(reason: "it has more than \(Self.most) keys") }
        keys = all.compactMap(ProviderKey.init)
    }

    /// Those that may have signed a token: of this algorithm and id. Where the token names none, or the keys have none,
    /// the algorithm decides.
    package func candidates(_ algorithm: TokenAlgorithm, id: String?) -> [ProviderKey] {
        let fitting = keys.filter { $0.algorithm == algorithm }
        guard let id else { return fitting }
        let named = fitting.filter { $0.id == id }
        return named.isEmpty ? fitting.filter { $0.id == nil } : named
    }
}
