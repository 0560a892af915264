import Crypto
package import Names
import SSHFormats

/// Codes on paper for the day when the authenticator is gone: ten, each for one use, 80 random bits.
///
/// They are stored as HMAC-SHA256 under a key that is drawn with them and sealed: what has 80 bits cannot be guessed, so a
/// slow hash would cost the server work and a thief of the database nothing that the key does not cost already.
package struct RecoveryCodes: Sendable {
    package static let count = 10
    /// Of one code; 16 letters and digits.
    private static let bytes = 10

    let credentials: any Credentials
    let policies: PolicyDesk
    let recorder: Recorder

    /// New codes, which end the former ones. Needs a second factor of the last 15 minutes.
    package func renew(
        by requester: Requester, once: Once<[Secret<String>]>
    ) async throws(AuthorityError) -> Outcome<[Secret<String>]> {
        let id = requester.identity.id
        let event = Event(
            .factorSet, by: requester, on: id.description, at: recorder.world.now(),
            details: ["factor": .text(Factor.recovery.rawValue)])
        guard id.kind == .person else {
            throw await recorder.deny(Refused(.badRequest, "persons only"), event)
        }
        try await policies.requireFresh(requester, event)
        let (codes, facts) = try draw(for: id)
        return try await recorder.record(facts, event, codes, once: once)
    }

    /// How many are left; nil where there never were any.
    package func left(of id: IdentityID) async throws(AuthorityError) -> Int? {
        do {
            guard try await credentials.sealedSecret(of: id, .recovery) != nil else { return nil }
            return try await credentials.recoveryCodes(of: id).count
        } catch {
            throw .store(error)
        }
    }

    /// Draws them and states the facts.
    func draw(for id: IdentityID) throws(AuthorityError) -> (codes: [Secret<String>], facts: [Fact]) {
        let key = recorder.world.random(32)
        let codes = (0..<RecoveryCodes.count).map { _ in
            Base32.text(recorder.world.random(RecoveryCodes.bytes)).lowercased()
        }
        let sealed: [UInt8]
        do { sealed = try recorder.sealing.seal(key, context: FactorCheck.context(id, .recovery)) } catch {
            throw .sealing(error)
        }
        let hashes = codes.map { RecoveryCodes.hash($0, key: key) }
        return (
            codes.map { Secret(RecoveryCodes.grouped($0)) },
            [.factorSet(id, .recovery, sealed: sealed), .recoveryCodesSet(id, hashes: hashes)]
        )
    }

    /// As it is stored. Case, spaces and hyphens do not count.
    static func hash(_ code: String, key: [UInt8]) -> [UInt8] {
        let plain = code.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }.map { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
        }
        return Array(HMAC<SHA256>.authenticationCode(for: plain, using: SymmetricKey(data: key)))
    }

    /// `abcd-efgh-ijkl-mnop`
    private static func grouped(_ code: String) -> String {
        let letters = Array(code.utf8)
        return stride(from: 0, to: letters.count, by: 4)
            .map { String(decoding: letters[$0..<min($0 + 4, letters.count)], as: UTF8.self) }
            .joined(separator: "-")
    }
}
