import SSHFormats
import SignerProtocol

extension Vault {
    /// A request that changes which keys there are. What it changed is durable before the answer leaves.
    func rotation(_ request: SignerRequest) -> Answer {
        do throws(SignerFault) {
            switch request {
            case .prepareKey(let role):
                return try held(role, "prepared") { (keyring) throws(SignerFault) in
                    try keyring.prepare(role)
                }
            case .adoptKey(let role, let sealed):
                return try held(role, "adopted") { (keyring) throws(SignerFault) in
                    try keyring.adopt(try travelled(sealed), role)
                }
            case .promoteKey(let role, let key):
                return try moved(role, key, "promoted") { (keyring) throws(SignerFault) in
                    try keyring.promote(role, key)
                }
            case .retireKey(let role, let key):
                return try moved(role, key, "retired") { (keyring) throws(SignerFault) in
                    try keyring.retire(role, key)
                }
            case .hello, .certificate, .checkpoint, .hostState, .tls, .checkpointHead, .unlock:
                throw SignerFault(.badFrame, "no change of keys")
            }
        } catch {
            let event = SigningRecord.Event.refused(code: error.code.rawValue, reason: error.reason)
            return Answer(
                reply: .fault(error), record: SigningRecord(event: event, subject: request.subject))
        }
    }

    private func held(
        _ role: SignerRole, _ word: String, _ body: (inout Keyring) throws(SignerFault) -> VaultKey
    ) throws(SignerFault) -> Answer {
        let key = try change(body)
        let sealed: [UInt8]
        do { sealed = try files.travelling.seal(key.standing(.prepared).encoded) } catch {
            throw SignerFault(.unavailable, "the key could not be sealed")
        }
        return Answer(
            reply: .key(key.publicKey, sealed: sealed), record: .changed(word, role, key.publicKey))
    }

    private func moved(
        _ role: SignerRole, _ key: PublicKey, _ word: String,
        _ body: (inout Keyring) throws(SignerFault) -> Void
    ) throws(SignerFault) -> Answer {
        try change(body)
        return Answer(reply: .hello(greeting), record: .changed(word, role, key))
    }

    private func travelled(_ sealed: [UInt8]) throws(SignerFault) -> VaultKey {
        do {
            var reader = WireReader(try files.travelling.open(sealed))
            let key = try VaultKey(from: &reader)
            try reader.end()
            return key
        } catch {
            throw SignerFault(.wrongKey, "not a key that was sealed with this signer's key file")
        }
    }
}

extension SigningRecord {
    static func changed(_ word: String, _ role: SignerRole, _ key: PublicKey) -> SigningRecord {
        SigningRecord(event: .changed(word), subject: role.rawValue, bytes: key.blob)
    }
}
