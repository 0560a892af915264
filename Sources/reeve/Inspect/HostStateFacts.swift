import HostDocuments
import SSHFormats

/// What a host shall install (`state.signed`), or the part of it that is signed. The signature is not checked: the key is
/// not in it.
struct HostStateFacts: InspectedFacts {
    let kind = "host state"
    let host: String
    let epoch: UInt64
    let version: UInt64
    let issuedAt: UInt64
    let notAfter: UInt64
    let krlHash: String
    let hostKRLHash: String
    let labels: [String]
    let userCAKeys: [String]
    /// Whether there is a signature with it.
    let isSigned: Bool

    private enum CodingKeys: String, CodingKey {
        case kind, host, epoch, version, issuedAt, notAfter, krlHash, hostKRLHash, labels, userCAKeys,
            isSigned
    }

    /// nil if these bytes do not begin like one.
    ///
    /// - Throws: ``HostStateError`` for one that is damaged.
    init?(_ bytes: [UInt8]) throws {
        let magic = Array("\0\0\0\u{15}keyreeve-host-state@1".utf8)
        isSigned = bytes.dropFirst(4).starts(with: magic)
        guard isSigned || bytes.starts(with: magic) else { return nil }
        let state = try HostState(
            decoding: isSigned ? try SignedHostState(decoding: bytes).payload : bytes)
        host = state.host
        epoch = state.epoch
        version = state.version
        issuedAt = state.issuedAt
        notAfter = state.notAfter
        krlHash = Hexadecimal.text(state.krlHash)
        hostKRLHash = Hexadecimal.text(state.hostKRLHash)
        labels = state.labels
        userCAKeys = state.userCAKeys.map { $0.text() }
    }

    var lines: [String] {
        [
            "host state of \(host): epoch \(epoch), version \(version)"
                + (isSigned ? ", signed (not checked)" : ", without its signature"),
            "issued: \(Moment.text(issuedAt))",
            "in force until: \(Moment.text(notAfter))",
            "labels: \(labels.isEmpty ? "(none)" : labels.joined(separator: " "))",
            "KRL of users, SHA-256: \(krlHash)",
            "KRL of hosts, SHA-256: \(hostKRLHash)",
        ] + userCAKeys.map { "user CA: \($0)" }
    }
}
