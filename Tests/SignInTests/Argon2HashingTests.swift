import Authority
import Synchronization
import Testing

@testable import SignIn

@Suite struct `Password hashing` {
    /// Small, so that the tests take no time; the same code.
    static let quick = Argon2Cost(memory: 256, passes: 2, lanes: 1)

    private func hashing(
        _ cost: Argon2Cost = quick, threads: Int = 2, queue: Int = 256,
        observe: @escaping @Sendable (HashingMoment) -> Void = { _ in }
    ) -> Argon2Hashing {
        Argon2Hashing(
            cost: cost, threads: threads, queue: queue,
            random: { count in (0..<count).map { _ in UInt8.random(in: .min ... .max) } }, observe: observe)
    }

    @Test func `takes the right password and no other`() async throws {
        let hashing = hashing()
        let encoded = try await hashing.hash(Array("correct horse".utf8))
        #expect(try await hashing.matches(Array("correct horse".utf8), encoded))
        #expect(try await hashing.matches(Array("correct horsf".utf8), encoded) == false)
        #expect(try await hashing.matches([], encoded) == false)
    }

    /// Made by the argon2 command of the reference implementation; the first is in its own tests (test.c).
    @Test(arguments: [
        (
            "password",
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
        ),
        (
            "correct horse battery staple",
            "$argon2id$v=19$m=65536,t=3,p=1$MDEyMzQ1Njc4OWFiY2RlZg$lMhvVBq9s9mqv+pZqgOWNUlIPpwLGnkzbna1TO5skX4"
        ),
        (
            "pässwörd",
            "$argon2id$v=19$m=64,t=1,p=4$c2FsdHNhbHQ$cuPHeLmUAi/MFJckEsh9WkEuwT3+7MAD8gb4D1cC194"
        ),
        (
            "x",
            "$argon2id$v=19$m=4096,t=4,p=2$ZGlmZnNhbHQ$SaGM+em5yhDE5cjkC/Bnypx1Ug2tXNtifimInrnuI4A"
        ),
    ])
    func `agrees with the reference implementation`(_ password: String, _ encoded: String) async throws {
        let hashing = hashing()
        #expect(try await hashing.matches(Array(password.utf8), encoded))
        #expect(try await hashing.matches(Array(password.utf8) + [0], encoded) == false)
    }

    @Test func `salts each hash`() async throws {
        let hashing = hashing()
        #expect(try await hashing.hash([1]) != hashing.hash([1]))
    }

    @Test func `costs 64 MiB and three passes, written in PHC form`() async throws {
        let encoded = try await hashing(.standard).hash(Array("password".utf8))
        #expect(encoded.hasPrefix("$argon2id$v=19$m=65536,t=3,p=1$"))
        #expect(Argon2Hash(encoded)?.cost == .standard)
    }

    @Test(arguments: [72, 73, 1000, 1024])
    func `A06: counts every byte of a long password`(_ length: Int) async throws {
        let hashing = hashing()
        let password = [UInt8](repeating: 0x61, count: length)
        let encoded = try await hashing.hash(password)
        #expect(try await hashing.matches(password, encoded))
        for place in [0, length / 2, length - 1] {
            var other = password
            other[place] ^= 1
            #expect(try await hashing.matches(other, encoded) == false)
        }
        #expect(try await hashing.matches(Array(password.dropLast()), encoded) == false)
    }

    @Test func `A06: counts NULs like any byte`() async throws {
        let hashing = hashing()
        let encoded = try await hashing.hash([0x61, 0, 0x62])
        #expect(try await hashing.matches([0x61, 0, 0x62], encoded))
        for other in [[0x61], [0x61, 0], [0x61, 0, 0x63], [0x61, 0, 0x62, 0]] as [[UInt8]] {
            #expect(try await hashing.matches(other, encoded) == false)
        }
    }

    @Test(arguments: [1025, 1 << 20]) func `A06: refuses more than 1,024 bytes`(_ length: Int) async throws {
        let hashing = hashing()
        let long = [UInt8](repeating: 0x61, count: length)
        let error = HashingError.failed(reason: "longer than 1024 bytes")
        await #expect(throws: error) { try await hashing.hash(long) }
        await #expect(throws: error) { try await hashing.matches(long, nil) }
    }

    @Test func `A12: never runs more at once than it has threads`() async throws {
        let gauge = Gauge()
        let hashing = hashing(threads: 2, queue: 500) { gauge.note($0) }
        let encoded = try await hashing.hash([1])
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask {
                    _ = try? await hashing.matches([1], number.isMultiple(of: 2) ? encoded : nil)
                }
            }
        }
        #expect(gauge.most <= 2)
        #expect(gauge.total == 501)
    }

    @Test func `is busy when the line is full, and works again afterwards`() async throws {
        let hashing = hashing(Argon2Cost(memory: 8192, passes: 4, lanes: 1), threads: 1, queue: 4)
        let outcomes = await withTaskGroup(of: HashingError?.self) { group in
            for _ in 0..<60 {
                group.addTask {
                    do throws(HashingError) {
                        _ = try await hashing.matches([1], nil)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.contains(.busy))
        #expect(outcomes.contains(nil))
        #expect(outcomes.allSatisfy { $0 == nil || $0 == .busy })
        #expect(try await hashing.matches([1], nil) == false)
    }

    @Test func `does the same work where no hash is known`() async throws {
        let gauge = Gauge()
        let hashing = hashing { gauge.note($0) }
        #expect(try await hashing.matches([1], nil) == false)
        #expect(gauge.total == 1)
        let dummy = Argon2Hash(dummy: .standard, salt: [UInt8](0..<16), tag: [UInt8](0..<32))
        #expect(Argon2Hash(dummy.text)?.cost == .standard)
        let password = try #require(Password([1]))
        #expect(Argon2.matches(password, dummy) == .success(false))
    }

    @Test(arguments: [
        "", "password", "$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHQ",
        "$argon2i$v=19$m=65536,t=3,p=1$c2FsdHNhbHRzYWx0$AAAA",
        "$argon2id$v=16$m=65536,t=3,p=1$c2FsdHNhbHQ$AAAA",
        "$argon2id$v=19$m=4194304,t=3,p=1$c2FsdHNhbHRzYWx0$AAAA",
        "$argon2id$v=19$m=65536,t=1000,p=1$c2FsdHNhbHQ$AAAA",
        "$argon2id$v=19$m=65536,t=3,p=64$c2FsdHNhbHRzYWx0$AAAA",
        "$argon2id$v=19$m=065536,t=3,p=1$c2FsdHNhbHQ$AAAA",
        "$argon2id$v=19$m=+9,t=3,p=1$c2FsdHNhbHQ$AAAA", "$argon2id$v=19$m=65536,t=3,p=0$c2FsdHNhbHQ$AAAA",
    ])
    func `runs no stored hash of another form or unbearable cost`(_ encoded: String) async throws {
        let gauge = Gauge()
        let hashing = hashing { gauge.note($0) }
        let error = HashingError.failed(reason: "not a password hash of ours")
        await #expect(throws: error) { try await hashing.matches([1], encoded) }
        #expect(gauge.total == 0)
    }

    @Test func `does not trust what the library cannot decode`() async throws {
        let hashing = hashing()
        await #expect(throws: HashingError.self) {
            try await hashing.matches([1], "$argon2id$v=19$m=256,t=2,p=1$!!!!$????")
        }
    }
}

/// How many hashes run at once.
private final class Gauge: Sendable {
    private let state = Mutex((now: 0, most: 0, total: 0))

    func note(_ moment: HashingMoment) {
        state.withLock { state in
            switch moment {
            case .began:
                state.now += 1
                state.total += 1
                state.most = max(state.most, state.now)
            case .ended: state.now -= 1
            }
        }
    }

    var most: Int { state.withLock(\.most) }
    var total: Int { state.withLock(\.total) }
}
