package import Names
package import SSHFormats

/// What becomes of CA keys. Those that change a key move the state of every host.
package enum CAFact: Hashable, Sendable {
    /// The key that the authority began with; no change where it has any.
    case first(CAKey)
    /// Conflict `.exists` while another key of that authority is prepared or retiring, or for a key that is known.
    case prepared(CAKey)
    /// The key signs, and the one that did is retiring, with the end of the last of its certificates; not before `end`.
    /// Conflict `.caKeyMoved` unless the key is prepared.
    case signing(CertificateAuthority, Fingerprint, at: UnixTime, end: UnixTime?)
    /// Conflict `.caKeyMoved` unless the key is prepared or retiring.
    case retired(CertificateAuthority, Fingerprint, at: UnixTime, isStolen: Bool)
    /// Conflict `.caKeyMoved` unless the key is prepared.
    case waived(CAWaiver)
    /// This device has the key in its known hosts.
    case held(Fingerprint, by: IdentityID, at: UnixTime)

    var movesHostState: Bool {
        switch self {
        case .first, .prepared, .signing, .retired: true
        case .waived, .held: false
        }
    }
}
