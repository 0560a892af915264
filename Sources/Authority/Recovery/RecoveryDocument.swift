import HostDocuments
import Names
import SSHFormats

/// A recovery as colleagues sign it: who is to be let back in, with which key, and what that comes to. The number that the
/// terminal shows is not in it: who agrees hears it from the person, and signs it.
struct RecoveryDocument {
    let origin: String
    let person: String
    let key: Fingerprint
    let approval: Approval
    let policy: UInt64

    func text(number: UInt64, source: String, reason: String?, at: UnixTime, notAfter: UnixTime) -> String {
        var lines = ApprovalLines()
        lines.add("keyreeve recovery request", "version 1")
        lines.add("authority", origin)
        lines.add("request", String(number))
        lines.add("recovery of", person)
        lines.add("reason", reason ?? "none given")
        lines.add("key", key.description)
        lines.add("asked from", source)
        lines.add("asked at", at.utcText)
        lines.add("ends at", notAfter.utcText)
        lines.add("gives", "a new device, password and authenticator app to whoever holds the key")
        lines.add("ends", "all sessions and certificates of \(person)")
        lines.add("needs", "\(approval.count) of group:\(approval.by), each told the number by \(person)")
        lines.add("policy", "version \(policy)")
        return lines.text
    }
}
