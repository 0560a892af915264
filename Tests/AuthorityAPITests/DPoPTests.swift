import AuthorityAPI
import Crypto
import SSHFormats
import Testing

/// A proof put together by hand, so that each part can be wrong.
struct HandMadeProof {
    let key = P256.Signing.PrivateKey()
    var type = #""dpop+jwt""#
    var algorithm = #""ES256""#
    var moreHeader = ""
    var moreKey = ""
    var claims = #""htm":"POST","htu":"https://ca.example.com/v1/certificates","iat":1000,"jti":"a-b_c""#
    var point: [UInt8]?

    func text() throws -> String {
        let signed = header + "." + HandMadeProof.base64URL(Array("{\(claims)}".utf8))
        let signature = try key.signature(for: Array(signed.utf8))
        return signed + "." + HandMadeProof.base64URL(Array(signature.rawRepresentation))
    }

    var header: String {
        let point = point ?? Array(key.publicKey.x963Representation)
        let x = HandMadeProof.base64URL(Array(point.dropFirst().prefix(32)))
        let y = HandMadeProof.base64URL(Array(point.dropFirst(33)))
        let jwk = #"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)"\#(moreKey)}"#
        return HandMadeProof.base64URL(
            Array(#"{"typ":\#(type),"alg":\#(algorithm),"jwk":\#(jwk)\#(moreHeader)}"#.utf8))
    }

    static func base64URL(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let number = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0...group.count { text.append(letters[number >> (18 - 6 * place) & 63]) }
        }
        return text
    }
}

@Suite struct `A DPoP proof` {
    static let url = "https://ca.example.com/v1/certificates"
    let now = UnixTime(1000)

    private func verify(
        _ text: String, method: String = "POST", url: String = url, token: String? = nil,
        now: UnixTime = UnixTime(1000)
    ) throws(DPoPError) -> DPoPProof {
        try DPoPProof(verifying: text, method: method, url: url, token: token, now: now)
    }

    private func verify(_ change: (inout HandMadeProof) -> Void) throws -> DPoPProof {
        var proof = HandMadeProof()
        change(&proof)
        return try verify(try proof.text())
    }

    @Test func `says which nonce it names, if it names one`() throws {
        let key = try DPoPKey()
        for nonce in [nil, "", "V2hhdCB3YXMgZ2l2ZW4"] {
            let text = try key.proof(method: "POST", url: Self.url, token: nil, nonce: nonce, now: now)
            #expect(try verify(text).nonce == nonce)
        }
        #expect(throws: DPoPError.malformed("nonce")) { try verify { $0.claims += #","nonce":7"# } }
    }

    @Test func `by our key is verified by us`() throws {
        let key = try DPoPKey()
        let text = try key.proof(method: "POST", url: Self.url, token: "secret", now: now)
        let proof = try verify(text, token: "secret")
        #expect(proof.key == key.publicKey)
        #expect(proof.key.type == .ecdsaP256)
        #expect(proof.issuedAt == now)
        #expect(proof.id.utf8.count == 22)
    }

    @Test func `has a new id each time`() throws {
        let key = try DPoPKey()
        let ids = try (0..<50).map { _ in
            try verify(try key.proof(method: "POST", url: Self.url, token: nil, now: now)).id
        }
        #expect(Set(ids).count == 50)
    }

    @Test func `comes from the same key after it was kept`() throws {
        let key = try DPoPKey()
        #expect(key.rawRepresentation.count == 32)
        #expect(try DPoPKey(rawRepresentation: key.rawRepresentation).publicKey == key.publicKey)
        #expect(throws: DPoPError.badKey) { try DPoPKey(rawRepresentation: [1, 2, 3]) }
        #expect(throws: DPoPError.badKey) { try DPoPKey(rawRepresentation: [UInt8](repeating: 0, count: 32)) }
    }

    @Test func `put together by hand is verified`() throws {
        let proof = try verify { $0.moreKey = #","kid":"1","use":"sig""# }
        #expect(proof.id == "a-b_c")
    }

    @Test(arguments: [#""none""#, #""HS256""#, #""ES384""#, #""es256""#, #""RS256""#])
    func `with another algorithm is refused`(_ algorithm: String) {
        #expect(throws: DPoPError.wrongAlgorithm) { try verify { $0.algorithm = algorithm } }
    }

    @Test func `without a signature is refused`() throws {
        let parts = try HandMadeProof().text().split(separator: ".")
        let bare = parts.dropLast().joined(separator: ".")
        #expect(throws: DPoPError.malformed("three parts")) { try verify(bare) }
        #expect(throws: DPoPError.malformed("signature")) { try verify(bare + ".") }
        #expect(throws: DPoPError.malformed("three parts")) { try verify(bare + ".x.y") }
    }

    @Test func `with a private member in its key is refused`() {
        #expect(throws: DPoPError.privateKey) { try verify { $0.moreKey = #","d":"AAAA""# } }
        #expect(throws: DPoPError.privateKey) { try verify { $0.moreKey = #","d":null"# } }
        #expect(throws: DPoPError.privateKey) { try verify { $0.moreKey = #","k":"AAAA""# } }
    }

    @Test func `with the header of another key is refused`() throws {
        let mine = HandMadeProof()
        let other = HandMadeProof()
        let rest = try mine.text().split(separator: ".").dropFirst().joined(separator: ".")
        #expect(throws: DPoPError.badSignature) { try verify(other.header + "." + rest) }
    }

    @Test func `with a point off the curve is refused`() {
        #expect(throws: DPoPError.badKey) { try verify { $0.point = [4] + [UInt8](repeating: 7, count: 64) } }
        #expect(throws: DPoPError.badKey) { try verify { $0.point = [4] + [UInt8](repeating: 0, count: 64) } }
        #expect(throws: DPoPError.badKey) {
            try verify { $0.point = [4] + [UInt8](repeating: 255, count: 64) }
        }
    }

    @Test func `for another method or address is refused`() throws {
        let text = try HandMadeProof().text()
        #expect(throws: DPoPError.wrongMethod) { try verify(text, method: "GET") }
        #expect(throws: DPoPError.wrongMethod) { try verify(text, method: "post") }
        for url in [
            "https://ca.example.com/v1/policy", "https://evil.example.com/v1/certificates",
            "http://ca.example.com/v1/certificates", "https://ca.example.com/v1/certificates/",
        ] {
            #expect(throws: DPoPError.wrongURL) { try verify(text, url: url) }
        }
    }

    @Test func `says whether the clock is slow or fast`() throws {
        let text = try HandMadeProof().text()
        _ = try verify(text, now: UnixTime(1060))
        _ = try verify(text, now: UnixTime(940))
        #expect(throws: DPoPError.tooOld(seconds: 61)) { try verify(text, now: UnixTime(1061)) }
        #expect(throws: DPoPError.fromTheFuture(seconds: 61)) { try verify(text, now: UnixTime(939)) }
        #expect(throws: DPoPError.tooOld(seconds: .max - 1000)) { try verify(text, now: .forever) }
        #expect(throws: DPoPError.fromTheFuture(seconds: 1000)) { try verify(text, now: UnixTime(0)) }
    }

    @Test func `belongs to its token`() throws {
        let key = try DPoPKey()
        let bare = try key.proof(method: "POST", url: Self.url, token: nil, now: now)
        let bound = try key.proof(method: "POST", url: Self.url, token: "one", now: now)
        #expect(throws: DPoPError.wrongToken) { try verify(bare, token: "one") }
        #expect(throws: DPoPError.wrongToken) { try verify(bound, token: "two") }
        #expect(throws: DPoPError.unexpectedToken) { try verify(bound) }
    }

    @Test func `needs an id of 1 to 64 visible characters`() {
        let claims = { (id: String) in #""htm":"POST","htu":"\#(Self.url)","iat":1000,"jti":"\#(id)""# }
        for id in ["", "a b", "\\u0000", "\u{e9}", String(repeating: "x", count: 65)] {
            #expect(throws: DPoPError.badID) { try verify { $0.claims = claims(id) } }
        }
        #expect(throws: Never.self) { try verify { $0.claims = claims(String(repeating: "x", count: 64)) } }
    }

    @Test func `of another type, with a critical member, or incomplete is refused`() {
        #expect(throws: DPoPError.wrongType) { try verify { $0.type = #""JWT""# } }
        #expect(throws: DPoPError.malformed("typ")) { try verify { $0.type = "7" } }
        #expect(throws: DPoPError.criticalMember) { try verify { $0.moreHeader = #","crit":["b64"]"# } }
        #expect(throws: DPoPError.malformed("header")) { try verify { $0.moreHeader = #","alg":"none""# } }
        #expect(throws: DPoPError.malformed("payload")) { try verify { $0.claims += #","htm":"GET""# } }
        #expect(throws: DPoPError.malformed("htm")) { try verify { $0.claims = #""iat":1"# } }
        #expect(throws: DPoPError.malformed("iat")) {
            try verify { $0.claims = #""htm":"POST","htu":"\#(Self.url)","iat":"1000","jti":"a""# }
        }
    }

    @Test func `longer than 2 KiB is not looked at`() {
        #expect(throws: DPoPError.tooLong) { try verify(String(repeating: "a", count: 2049)) }
        #expect(throws: DPoPError.malformed("three parts")) {
            try verify(String(repeating: "a", count: 2048))
        }
    }

    @Test func `damaged at any place is refused`() throws {
        let text = Array(try HandMadeProof().text().utf8)
        for position in text.indices {
            var damaged = text
            damaged[position] = text[position] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let changed = String(decoding: damaged, as: UTF8.self)
            #expect(throws: DPoPError.self) { try verify(changed) }
        }
    }
}
