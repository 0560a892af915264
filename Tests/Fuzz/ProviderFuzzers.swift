import AuthorityAPI
import SSHFormats
import SignIn

/// What identity providers say, and whoever poses as one.
let providerFuzzers: [Fuzzer] = [
    Fuzzer("signedToken") { input in
        let text = String(decoding: input, as: UTF8.self)
        guard let token = SignedToken(text) else { return }
        promise(text.utf8.starts(with: token.signed), "what was signed is what came")
    },
    Fuzzer("providerKeys") { input in
        guard let keys = try? ProviderKeys(input) else { return }
        promise(keys.keys.count <= ProviderKeys.most, "keys are few")
        for key in keys.keys {
            promise(!key.isValid([], over: input), "an empty signature is none")
            promise(
                keys.candidates(key.algorithm, id: key.id).contains { $0.id == key.id },
                "a key is found by its algorithm and id")
        }
    },
    // A line with the keys, then the token: so that the keys change as well.
    Fuzzer("idToken", longest: 8192) { input in
        let parts = input.split(separator: UInt8(ascii: "\n"), maxSplits: 1)
        guard parts.count == 2, let first = parts.first, let last = parts.last,
            let keys = try? ProviderKeys(Array(first)),
            let token = SignedToken(String(decoding: last, as: UTF8.self)),
            let issuer = try? ProviderURL("https://id.example.com")
        else { return }
        let check = IDTokenCheck(
            issuer: issuer, clientID: "keyreeve", algorithms: Set(TokenAlgorithm.allCases))
        guard let (algorithm, id) = try? check.header(token) else { return }
        let candidates = keys.candidates(algorithm, id: id)
        promise(candidates.allSatisfy { $0.algorithm == algorithm }, "a key is of one algorithm")
        guard
            let proven = try? check.claims(
                of: token, by: candidates, nonce: nil, at: UnixTime(1_800_000_000))
        else { return }
        promise(proven.claims["iss"]?.text == issuer.text, "what is proven is the issuer's")
        promise(proven.claims["aud"]?.texts?.contains("keyreeve") ?? false, "what is proven is for us")
        promise((1...255).contains(proven.subject.utf8.count), "a subject is short")
    },
]
