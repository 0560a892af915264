public import SSHFormats

/// What a host shall install, as the authority's hostState key signs it.
///
/// Encoded by the data types of RFC 4251 §5:
/// ```
/// string  "keyreeve-host-state@1"
/// string  host                uint64  epoch        uint64  version
/// uint64  issuedAt            uint64  notAfter
/// string  krlHash (32 bytes)  string  hostKRLHash (32 bytes)
/// string  labels: string each, ascending    string  userCAKeys: string (key blob) each
/// ```
/// There is one encoding of each value; ``init(decoding:)`` refuses every other.
public struct HostState: Hashable, Sendable {
    /// Name of the host.
    public let host: String
    /// 1, or the seconds since 1970 UTC at which the authority went on from a backup; beats `version`.
    public let epoch: UInt64
    /// Grows with every change.
    public let version: UInt64
    public let issuedAt: UInt64
    /// Seconds since 1970 UTC after which the host raises an alarm: news are being withheld.
    public let notAfter: UInt64
    /// SHA-256 of the KRL for sshd's RevokedKeys.
    public let krlHash: [UInt8]
    /// SHA-256 of the KRL of host keys, for the clients on this host.
    public let hostKRLHash: [UInt8]
    /// `key=value`, ascending by bytes, none twice.
    public let labels: [String]
    /// The keys for TrustedUserCAKeys; at least one.
    public let userCAKeys: [PublicKey]

    /// Most labels and most CA keys; longest encoding in bytes.
    public static let labelLimit = 256
    public static let keyLimit = 16
    public static let limit = 65_536

    private static let magic = "keyreeve-host-state@1"

    /// - Parameter labels: In any order.
    /// - Throws: ``HostStateError/field(_:)`` with the name of the field that is out of its range.
    public init(
        host: String, epoch: UInt64, version: UInt64, issuedAt: UInt64, notAfter: UInt64,
        krlHash: [UInt8], hostKRLHash: [UInt8], labels: [String], userCAKeys: [PublicKey]
    ) throws(HostStateError) {
        self.host = host
        self.epoch = epoch
        self.version = version
        self.issuedAt = issuedAt
        self.notAfter = notAfter
        self.krlHash = krlHash
        self.hostKRLHash = hostKRLHash
        self.labels = labels.sorted { Self.precedes($0, $1) }
        self.userCAKeys = userCAKeys
        try check()
    }

    /// Reads the exact bytes of a host state.
    ///
    /// - Throws: ``HostStateError/wire(_:)``, ``HostStateError/field(_:)``, ``HostStateError/notCanonical``.
    public init(decoding bytes: [UInt8]) throws(HostStateError) {
        guard bytes.count <= Self.limit else { throw .wire(.tooLong(bytes.count, limit: Self.limit)) }
        var reader = WireReader(bytes)
        do {
            guard try reader.text(limit: 64) == Self.magic else { throw HostStateError.field("magic") }
            host = try reader.text(limit: 253)
            epoch = try reader.uint64()
            version = try reader.uint64()
            issuedAt = try reader.uint64()
            notAfter = try reader.uint64()
            krlHash = Array(try reader.string(limit: 32))
            hostKRLHash = Array(try reader.string(limit: 32))
            labels = try Self.list(try reader.string(), limit: Self.labelLimit) { reader in
                try reader.text(limit: 128)
            }
            userCAKeys = try Self.list(try reader.string(), limit: Self.keyLimit) { reader in
                try PublicKey(blob: try reader.string(limit: 2_048))
            }
            try reader.end()
        } catch let error as HostStateError {
            throw error
        } catch let error as WireError {
            throw .wire(error)
        } catch {
            throw .field("userCAKeys")
        }
        try check()
        guard encoded == bytes else { throw .notCanonical }
    }

    /// The bytes that are signed.
    public var encoded: [UInt8] {
        var writer = WireWriter(capacity: 512)
        writer.string(Self.magic)
        writer.string(host)
        for number in [epoch, version, issuedAt, notAfter] { writer.uint64(number) }
        writer.string(krlHash)
        writer.string(hostKRLHash)
        writer.string { writer in for label in labels { writer.string(label) } }
        writer.string { writer in for key in userCAKeys { writer.string(key.blob) } }
        return writer.bytes
    }

    /// Whether this one is older than the other, by epoch first.
    public func isOlder(than other: HostState) -> Bool {
        (epoch, version) < (other.epoch, other.version)
    }

    private func check() throws(HostStateError) {
        guard Self.isHostName(host) else { throw .field("host") }
        guard issuedAt < notAfter else { throw .field("notAfter") }
        guard krlHash.count == 32 else { throw .field("krlHash") }
        guard hostKRLHash.count == 32 else { throw .field("hostKRLHash") }
        guard labels.count <= Self.labelLimit, labels.allSatisfy(Self.isLabel),
            zip(labels, labels.dropFirst()).allSatisfy({ Self.precedes($0, $1) })
        else { throw .field("labels") }
        guard (1...Self.keyLimit).contains(userCAKeys.count), Set(userCAKeys).count == userCAKeys.count else {
            throw .field("userCAKeys")
        }
    }

    private static func list<Element>(
        _ bytes: ArraySlice<UInt8>, limit: Int, element: (inout WireReader) throws -> Element
    ) throws -> [Element] {
        var reader = WireReader(bytes)
        var elements: [Element] = []
        while !reader.isAtEnd {
            guard elements.count < limit else { throw HostStateError.wire(.tooLong(limit + 1, limit: limit)) }
            elements.append(try element(&reader))
        }
        return elements
    }

    private static func isHostName(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count) && text.utf8.allSatisfy(isNameByte)
    }

    private static func isLabel(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy(isNameByte) }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
