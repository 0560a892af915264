package import Names

/// What a provider answered, read to its end.
package struct ProviderAnswer: Hashable, Sendable {
    package let status: Int
    package let body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// The one way to a provider. Bounded in time and bytes, and never led elsewhere: a redirect is an answer like any other.
package protocol ProviderTransport: Sendable {
    /// - Parameter bearer: An access token to show (RFC 6750 §2.1).
    /// - Throws: ``ProviderFault/unavailable(reason:)``
    func get(_ url: ProviderURL, bearer: Secret<String>?) async throws(ProviderFault) -> ProviderAnswer
    /// - Parameters:
    ///   - form: `application/x-www-form-urlencoded`, a secret as a whole.
    ///   - basic: `user:password` in Base64 (RFC 7617), where the client proves itself so.
    /// - Throws: ``ProviderFault/unavailable(reason:)``
    func post(
        _ url: ProviderURL, form: Secret<String>, basic: Secret<String>?
    ) async throws(ProviderFault) -> ProviderAnswer
}
