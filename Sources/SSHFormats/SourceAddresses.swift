/// The value of `source-address`: addresses and networks a login may come from. An empty list means nowhere,
/// never anywhere; sshd refuses such a certificate.
public struct SourceAddresses: Hashable, Sendable {
    /// Each as it was written: `192.0.2.1`, `10.0.0.0/8`, `2001:db8::/32`.
    public let networks: [String]

    /// Addresses and networks.
    ///
    /// - Throws: ``CertificateError/badSourceAddress(_:)`` for anything that sshd would not take: host names,
    ///   a prefix that is too long, bits set behind the prefix.
    public init(_ networks: [String]) throws(CertificateError) {
        for network in networks where IPNetwork(network) == nil { throw .badSourceAddress(network) }
        self.networks = networks
    }

    /// Reads a list separated by commas, without spaces.
    ///
    /// - Throws: ``CertificateError/badSourceAddress(_:)``
    public init(text: String) throws(CertificateError) {
        guard !text.utf8.isEmpty else {
            try self.init([])
            return
        }
        let parts = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        try self.init(parts.map { String(decoding: $0, as: UTF8.self) })
    }

    /// Whether a login from this numeric address is allowed; no for anything that is not an address.
    public func allows(_ address: String) -> Bool {
        guard let address = IPNetwork(address), address.isSingle else { return false }
        return networks.contains { IPNetwork($0)?.contains(address) ?? false }
    }
}

extension SourceAddresses: CustomStringConvertible {
    /// The list separated by commas, as it stands in the certificate.
    public var description: String { networks.joined(separator: ",") }
}
