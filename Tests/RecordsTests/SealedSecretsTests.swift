import Authority
import Records
import Testing

@Suite struct `A sealed secret` {
    private let seal = SealedSecrets(key: [UInt8](repeating: 5, count: 32))

    @Test func `opens with the same key and context`() throws {
        let seal = try #require(seal)
        for plain in [[], [0], [UInt8](repeating: 1, count: 1000)] {
            let sealed = try seal.seal(plain, context: "totp alice")
            #expect(try seal.open(sealed, context: "totp alice") == plain)
            #expect(sealed.count == plain.count + 28)
        }
    }

    @Test func `never looks the same twice`() throws {
        let seal = try #require(seal)
        #expect(try seal.seal([1], context: "a") != seal.seal([1], context: "a"))
    }

    @Test func `does not open with another context or key, altered or cut`() throws {
        let seal = try #require(seal)
        let sealed = try seal.seal([1, 2, 3], context: "totp alice")
        let other = try #require(SealedSecrets(key: [UInt8](repeating: 6, count: 32)))
        #expect(throws: SealingError.wrongKeyOrAltered) { try seal.open(sealed, context: "totp bob") }
        #expect(throws: SealingError.wrongKeyOrAltered) { try other.open(sealed, context: "totp alice") }
        for place in sealed.indices {
            var altered = sealed
            altered[place] ^= 1
            #expect(throws: SealingError.wrongKeyOrAltered) { try seal.open(altered, context: "totp alice") }
            #expect(throws: SealingError.wrongKeyOrAltered) {
                try seal.open(Array(sealed.prefix(place)), context: "totp alice")
            }
        }
    }

    @Test func `needs 32 bytes of key`() {
        #expect(SealedSecrets(key: []) == nil)
        #expect(SealedSecrets(key: [UInt8](repeating: 0, count: 31)) == nil)
    }
}
