import Authority
import SSHFormats
import Testing

@testable import Records

@Suite struct `A filter of what is stored` {
    private func key(_ number: Int) -> [UInt8] { Fingerprint(of: Array("\(number)".utf8)).bytes }

    @Test func `says perhaps of everything until it is complete`() {
        let filter = PresenceFilter(bits: 1_024)
        #expect(filter.mayHold(key(1)))
        filter.complete()
        #expect(!filter.mayHold(key(1)))
    }

    @Test func `never says no of what was added, and hardly ever perhaps of the rest`() {
        let filter = PresenceFilter(bits: 1 << 16)
        filter.complete()
        for number in 0..<1_000 { filter.add(key(number), at: Sample.noon) }
        #expect((0..<1_000).allSatisfy { filter.mayHold(key($0)) })
        #expect((1_000..<11_000).count { filter.mayHold(key($0)) } < 200)
    }

    @Test func `forgets what is stored no more, and nothing sooner`() {
        let filter = PresenceFilter(bits: 1 << 16, lasting: 100)
        filter.complete()
        filter.add(key(1), at: Sample.noon)
        filter.add(key(2), at: Sample.noon.advanced(by: 100))
        #expect(filter.mayHold(key(1)), "it is stored until 100 s after it was added, or a little longer")
        filter.add(key(3), at: Sample.noon.advanced(by: 199))
        #expect(filter.mayHold(key(1)) && filter.mayHold(key(2)))
        filter.add(key(4), at: Sample.noon.advanced(by: 200))
        #expect(!filter.mayHold(key(1)))
        #expect(filter.mayHold(key(2)) && filter.mayHold(key(3)) && filter.mayHold(key(4)))
    }
}

@Suite struct `What was stored before a start` {
    @Test func `C11: is found after it, replies and keys alike`() async throws {
        let folder = try TemporaryFolder()
        let alice = try Sample.person()
        let known = try Sample.key(1, of: alice.id)
        let revoked = try Fingerprint(bytes: Sample.hash(7))
        let before = try await Records(path: folder.database, now: { Sample.noon })
        let revocation = Revocation(target: .key(revoked), reason: "lost", at: Sample.noon)
        _ = try await before.record(
            Entry(
                [.identityAdded(alice), .keyRegistered(known), .revoked(revocation)], event: nil,
                claim: Sample.claim(1), reply: [9]))
        await before.close()
        let after = try await Records(path: folder.database, now: { Sample.noon })
        let absent = Sample.hash(8)
        for isFilled in [false, true] {
            // polls: the filters are filled beside everything else, and both ways must give the same answers.
            while isFilled, after.presence.keys.mayHold(absent) || after.presence.claims.mayHold(absent) {
                await Task.yield()
            }
            #expect(try await after.remembered(Sample.claim(1), at: Sample.noon)?.reply == [9])
            #expect(try await after.remembered(Sample.claim(2), at: Sample.noon) == nil)
            let standing = try await after.standing(of: known.publicKey.fingerprint)
            #expect(standing == KeyStanding(isRevoked: false, holder: alice.id, owner: nil))
            #expect(try await after.standing(of: revoked).isRevoked)
            #expect(try await !after.standing(of: try Fingerprint(bytes: absent)).isRevoked)
        }
        await after.close()
    }
}
