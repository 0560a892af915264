import AuthorityAPI
import SSHFormats
import Testing

@Suite struct `A door's voucher` {
    private let door: DPoPKey
    private let now = UnixTime(1000)
    private static let proof = "a.b.c"

    init() throws { door = try DPoPKey() }

    private func text(_ address: String = "192.0.2.7", for proof: String = proof) throws -> String {
        try DoorVoucher.text(address: address, proofHash: DoorVoucher.hash(of: proof), by: door, now: now)
    }

    private func verify(
        _ text: String, for proof: String = proof, by doors: [PublicKey]? = nil,
        now: UnixTime = UnixTime(1000)
    ) throws(DPoPError) -> DoorVoucher {
        try DoorVoucher(verifying: text, for: proof, by: doors ?? [door.publicKey], now: now)
    }

    @Test(arguments: ["192.0.2.7", "2001:db8::7"])
    func `names the address and the door`(_ address: String) throws {
        let voucher = try verify(try text(address))
        #expect(voucher.address == address)
        #expect(voucher.key == door.publicKey)
    }

    @Test func `is nothing from a door that is not believed`() throws {
        let text = try text()
        #expect(throws: DPoPError.badKey) { try verify(text, by: []) }
        #expect(throws: DPoPError.badKey) { try verify(text, by: [try DPoPKey().publicKey]) }
    }

    @Test func `is for one request and one minute`() throws {
        let text = try text()
        #expect(throws: DPoPError.wrongToken) { try verify(text, for: "a.b.d") }
        #expect(throws: DPoPError.tooOld(seconds: 61)) { try verify(text, now: UnixTime(1061)) }
        #expect(throws: DPoPError.fromTheFuture(seconds: 61)) { try verify(text, now: UnixTime(939)) }
    }

    @Test(arguments: ["", "localhost", "10.0.0.0/8", "192.0.2.7:22", "unknown", "192.0.2.7\n"])
    func `names nothing but a numeric address`(_ address: String) throws {
        let text = try text(address)
        #expect(throws: DPoPError.malformed("addr")) { try verify(text) }
    }

    @Test func `is nothing with one bit changed`() throws {
        let bytes = Array(try text().utf8)
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1
            #expect(throws: DPoPError.self) { try verify(String(decoding: changed, as: UTF8.self)) }
        }
    }

    @Test func `is no proof, and a proof is no voucher`() throws {
        let url = "https://ca.example.com/v1/sign-in"
        let proof = try door.proof(method: "POST", url: url, token: nil, now: now)
        #expect(throws: DPoPError.wrongType) { try verify(proof) }
        let text = try text()
        #expect(throws: DPoPError.wrongType) {
            try DPoPProof(verifying: text, method: "POST", url: url, token: nil, now: now)
        }
    }
}
