package import NIOSSL

/// What the server proves itself with.
package struct TLSIdentity: Sendable {
    /// Leaf first.
    package let certificateChain: [NIOSSLCertificate]
    package let privateKey: NIOSSLPrivateKey

    package init(certificateChain: [NIOSSLCertificate], privateKey: NIOSSLPrivateKey) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
    }

    /// TLS 1.2 and 1.3, HTTP/1.1 only, no client certificates.
    var configuration: TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificateChain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }
}
