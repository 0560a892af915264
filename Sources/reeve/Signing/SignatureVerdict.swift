import AuthorityAPI
import Glibc
import SSHFormats

/// What `reeve verify` says about a signature.
struct SignatureVerdict: Encodable {
    let good: Bool
    /// Why it is not good.
    let reason: String?
    /// Who signed, as far as that is known.
    let identity: String?
    let fingerprint: String
    /// Type of the key or certificate.
    let type: String
    let namespace: String
    /// Seconds since 1970: the moment as of which it is judged.
    let at: UInt64
    /// The device of theirs that holds the key, as the directory says.
    var device: String?
    /// What became of the key, as the directory says.
    var states: [SignerReply.State]?
    /// What speaks against a good one.
    var warning: String?

    var lines: [String] {
        let signer = "\(type) \(fingerprint)"
        guard good else { return ["BAD: \(reason ?? "it does not hold")", "signed by: \(signer)"] }
        let life = (states ?? []).map {
            "\($0.state) since \($0.since.map(Moment.text) ?? "nobody knows when")"
        }
        return [
            "good: signed by \(identity ?? signer), for \(namespace)",
            "key: \(signer)" + (device.map { " of \($0)" } ?? ""),
            "as of: \(Moment.text(at))",
        ] + (life.isEmpty ? [] : ["the key: " + life.joined(separator: ", ")])
            + (warning.map { ["warning: \($0)"] } ?? [])
    }

    init(_ signature: SSHSIG, identity: String?, at: UnixTime, reason: String?) {
        good = reason == nil
        self.reason = reason
        self.identity = identity
        fingerprint = signature.signer.publicKey.fingerprint.description
        type = signature.signer.typeName
        namespace = signature.namespace
        self.at = at.seconds
    }
}

/// Judges by an allowed_signers file, offline.
struct AllowedSignersCheck {
    private let signers: AllowedSigners
    private let identity: String?

    /// - Parameter identity: Who must have signed; nil: anybody whom the file names.
    init(path: String, identity: String?) throws {
        signers = try AllowedSigners(text: try InputFile.text(path), utcOffset: Self.utcOffset)
        self.identity = identity
        for fault in signers.faults {
            Output.warn("\(path), line \(fault.number): the line \(fault.error); it allows nothing")
        }
    }

    func verdict(
        of signature: SSHSIG, over digest: [UInt8], for namespace: String, at time: UnixTime
    ) -> SignatureVerdict {
        let name =
            identity ?? signers.principals(of: signature.signer, at: time)?.first { !Self.isPattern($0) }
        do throws(AllowedSignersError) {
            // Without a name that could be asked for, the signature is looked at and then nobody is found.
            try signers.verify(
                signature, digest: digest, namespace: namespace, principal: name ?? "", at: time)
            return SignatureVerdict(signature, identity: name, at: time, reason: nil)
        } catch {
            return SignatureVerdict(signature, identity: nil, at: time, reason: "the signature \(error)")
        }
    }

    private static func isPattern(_ text: String) -> Bool { text.contains { "*?!".contains($0) } }

    /// How far the local time is ahead of UTC, in seconds: dates in the file may be meant in it.
    private static var utcOffset: Int64 {
        var now = Glibc.time(nil)
        var local = unsafe tm()
        guard unsafe localtime_r(&now, &local) != nil else { return 0 }
        return unsafe Int64(local.tm_gmtoff)
    }
}
