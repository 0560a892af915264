package import HostDocuments
package import SSHFormats

/// Why an offered host state is not installed. The one in force stays.
package enum StateFault: Error, Hashable, Sendable {
    /// The named part of the reply is not Base64, or too long.
    case unreadable(String)
    /// Not signed by the pinned hostState key.
    case wrongSignature
    /// Signed, but not a host state.
    case malformed(HostStateError)
    /// Made for another host.
    case otherHost(String)
    /// Older than the one held, or than one held before.
    case older(offered: StateVersion, held: StateVersion)
    /// Its notAfter has passed, or this host's clock is ahead.
    case expired(notAfter: UInt64, now: UInt64)
    /// A CA key that is too weak to be trusted.
    case weakCAKey(KeyError)
    /// The KRL is not the one whose hash is signed.
    case otherKRL
    case badKRL(KRLError)
    /// OpenSSH's own reader refuses the KRL; the text is its complaint.
    case refusedKRL(String)
}

extension StateFault {
    package var fault: Fault {
        switch self {
        case .unreadable(let part): Fault("state-unreadable", "\(part) is not Base64 of a sane length")
        case .wrongSignature: Fault("state-signature", "not signed by this authority's hostState key")
        case .malformed(let error): Fault("state-malformed", "signed, but not a host state: it \(error)")
        case .otherHost(let host): Fault("state-other-host", "made for \(host), not for this host")
        case .older(let offered, let held): Fault("state-older", "offered \(offered), already had \(held)")
        case .expired(let notAfter, let now):
            Fault(
                "state-expired", "ended at \(notAfter), and it is \(now) here: stale, or this clock is wrong")
        case .weakCAKey(let error): Fault("state-weak-key", "a user CA key \(error)")
        case .otherKRL: Fault("krl-hash", "the KRL is not the one that the state is signed for")
        case .badKRL(let error): Fault("krl-malformed", "the list of what is revoked \(error)")
        case .refusedKRL(let complaint): Fault("krl-refused", "ssh-keygen -Q: \(complaint)")
        }
    }
}

/// How new a state is: epoch first, then version; of one version, the time of issue.
package struct StateVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let epoch: UInt64
    package let version: UInt64
    package let issuedAt: UInt64

    package init(epoch: UInt64, version: UInt64, issuedAt: UInt64) {
        self.epoch = epoch
        self.version = version
        self.issuedAt = issuedAt
    }

    package init(of state: HostState) {
        self.init(epoch: state.epoch, version: state.version, issuedAt: state.issuedAt)
    }

    /// `1-42-1790000000`: the name of its folder.
    package var description: String { "\(epoch)-\(version)-\(issuedAt)" }

    /// - Returns: nil unless it is three numbers.
    package init?(_ text: some StringProtocol) {
        var numbers = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            .map { UInt64(String(decoding: $0, as: UTF8.self)) }.makeIterator()
        guard let epoch = numbers.next() ?? nil, let version = numbers.next() ?? nil,
            let issuedAt = numbers.next() ?? nil, numbers.next() == nil
        else { return nil }
        self.init(epoch: epoch, version: version, issuedAt: issuedAt)
    }

    package static func < (left: StateVersion, right: StateVersion) -> Bool {
        (left.epoch, left.version, left.issuedAt) < (right.epoch, right.version, right.issuedAt)
    }
}
