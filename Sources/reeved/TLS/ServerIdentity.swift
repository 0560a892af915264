import Authority
import Crypto
import Foundation
import Posix
import SSHFormats
import SwiftASN1
import X509

/// The server's TLS certificate, under the self-made root whose key the signer holds.
struct ServerIdentity: Sendable {
    /// PEM, leaf first, then the root.
    let chain: [String]
    /// PEM of the leaf's private key; lives only in this process.
    let key: String
    /// SHA-256 of the root's DER: what links pin.
    let rootFingerprint: [UInt8]
    /// When the leaf counts.
    let validity: Validity

    /// Days that a leaf counts; a new one is made at every start, and while the server runs by `TLSRenewal`.
    static let leafDays = 90
    static let rootDays = 3_650

    /// Reads the root, or makes it, and makes a fresh leaf for these names and addresses.
    static func make(
        names: [String], folder: DataFolder, signer: any Signer, rootKey: SSHFormats.PublicKey, now: UnixTime
    ) async throws -> ServerIdentity {
        let root = try await root(folder, try SignerRootKey(signer, rootKey), now)
        let key = P256.Signing.PrivateKey()
        let leaf = try await X509.Certificate(
            version: .v3, serialNumber: X509.Certificate.SerialNumber(bytes: try serial()),
            publicKey: X509.Certificate.PublicKey(key.publicKey),
            notValidBefore: date(now, days: 0, minus: 60),
            notValidAfter: date(now, days: leafDays), issuer: root.subject,
            subject: try DistinguishedName { CommonName(names.first ?? "localhost") },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try X509.Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(names.map(alternative))
            },
            issuerAsyncPrivateKey: X509.Certificate.PrivateKey(try SignerRootKey(signer, rootKey)))
        return ServerIdentity(
            chain: [try leaf.serializeAsPEM().pemString, try root.serializeAsPEM().pemString],
            key: key.pemRepresentation, rootFingerprint: try fingerprint(root),
            validity: try Validity(
                validAfter: now.advanced(by: -60), validBefore: now.advanced(by: Int64(leafDays) * 86_400)))
    }

    private static func root(
        _ folder: DataFolder, _ key: SignerRootKey, _ now: UnixTime
    ) async throws -> X509.Certificate {
        let file = DurableFile(folder.tlsRoot)
        if let held = try file.readIfPresent(limit: 16_384) {
            do { return try X509.Certificate(pemEncoded: String(decoding: held, as: UTF8.self)) } catch {
                throw StartFault(
                    "\(folder.tlsRoot) is damaged",
                    advice: "Restore it from a backup: links and devices pin it.")
            }
        }
        let name = try DistinguishedName { CommonName("Keyreeve root") }
        let made = try await X509.Certificate(
            version: .v3, serialNumber: X509.Certificate.SerialNumber(bytes: try serial()),
            publicKey: key.publicKey,
            notValidBefore: date(now, days: 0, minus: 60), notValidAfter: date(now, days: rootDays),
            issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try X509.Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true))
            },
            issuerAsyncPrivateKey: X509.Certificate.PrivateKey(key))
        try file.write(Array(try made.serializeAsPEM().pemString.utf8), mode: 0o644)
        return made
    }

    private static func alternative(_ name: String) -> GeneralName {
        guard let bytes = numeric(name) else { return .dnsName(name) }
        return .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
    }

    /// 4 or 16 bytes of a numeric address.
    private static func numeric(_ text: String) -> [UInt8]? {
        var four = in_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            return unsafe withUnsafeBytes(of: &four) { unsafe Array($0) }
        }
        var sixteen = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        return unsafe withUnsafeBytes(of: &sixteen) { unsafe Array($0) }
    }

    private static func fingerprint(_ certificate: X509.Certificate) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return Array(SHA256.hash(data: serializer.serializedBytes))
    }

    private static func serial() throws -> [UInt8] { [0x01] + (try secureRandom(15)) }

    private static func date(_ now: UnixTime, days: Int, minus seconds: Double = 0) -> Date {
        Date(timeIntervalSince1970: Double(now.seconds) + Double(days) * 86_400 - seconds)
    }
}
