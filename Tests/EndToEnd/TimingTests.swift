import AuthorityAPI
import AuthorityClient
import Foundation
import Posix
import Testing

/// Only in `make soak`: a quarter of an hour, and it wants a machine that does little else.
@Suite(
    .servers, .serialized,
    .enabled(if: ProcessInfo.processInfo.environment["KEYREEVE_SOAK"] != nil, "runs in make soak alone"))
struct `The time of a refusal` {
    private static let tries = 1_000

    /// Who tries to sign in, with a password that is wrong; `pushed` are persons of a provider who have none.
    private enum Who: String, CaseIterable { case unknown, known, locked, pushed }

    @Test(.timeLimit(.minutes(60)))
    func `A05 tells nobody whether a name exists, is locked, or signs in elsewhere alone`() async throws {
        let house = try await Installation(
            configuration: """
                [sign_in]
                attempts_per_source = 100
                attempts_per_day = 1000
                [limits]
                requests_per_source = 100000
                """)
        try await house.enrolAdmin()
        let known = try await people(Self.tries / 90 + 1, house)
        let pushed = try await pushed(Self.tries / 90 + 1, house)
        let connection = try house.connection()
        for _ in 0..<101 { _ = try await refusal("boss", connection) }
        var times: [Who: [UInt64]] = [:]
        for round in 0..<Self.tries {
            for who in Who.allCases.shuffled() {
                let name =
                    switch who {
                    case .unknown: "nobody\(round / 90)"
                    case .known: known[round / 90]
                    case .locked: "boss"
                    case .pushed: pushed[round / 90]
                    }
                times[who, default: []].append(try await refusal(name, connection))
            }
        }
        await connection.close()
        for who in [Who.known, .locked, .pushed] {
            let area = Self.areaUnderCurve(times[who] ?? [], times[.unknown] ?? [])
            print("timing: \(who) against unknown, \(Self.tries) tries each: area under curve \(area)")
            #expect((0.45...0.55).contains(area), "\(who)")
        }
    }

    private func people(_ count: Int, _ house: Installation) async throws -> [String] {
        var names: [String] = []
        for number in 0..<count {
            let name = "person\(number)"
            let added = try await house.reeve("person", "add", name, "--login", name, "--link-only")
            try #require(added.status == 0, "\(added.errors)")
            try await house.enrol(
                name, link: try house.scratch.write(added.output, to: "\(name).link"),
                home: house.scratch.path("home-\(name)"))
            names.append(name)
        }
        return names
    }

    /// Persons whom a provider pushed: they sign in there, and have neither password nor authenticator here.
    private func pushed(_ count: Int, _ house: Installation) async throws -> [String] {
        let client = try await SCIMClient(house, as: "corp")
        var names: [String] = []
        for number in 0..<count {
            let added = try await client.addUser("pushed\(number)@example.com")
            try #require(added.status == 201, "\(added.text)")
            names.append("pushed\(number)")
        }
        return names
    }

    /// Nanoseconds from the wrong answer to the refusal.
    private func refusal(_ name: String, _ connection: AuthorityConnection) async throws -> UInt64 {
        let begun = try await connection.call(
            .signIn, body: SignInRequest(name: name), as: SignInReply.self
        ).0
        let answer = SignInAnswer(
            conversation: try #require(begun.conversation),
            answers: ["password": "wrong horse battery", "totp": "000000"])
        let sent = MonotonicClock.now()
        await #expect(throws: ClientError.self, "\(name)") {
            try await connection.call(.signInAnswer, body: answer, as: SignInReply.self)
        }
        return MonotonicClock.now() - sent
    }

    /// The share of pairs in which the first is longer (Mann and Whitney's U over all pairs); 0.5 where nothing tells them
    /// apart.
    private static func areaUnderCurve(_ some: [UInt64], _ others: [UInt64]) -> Double {
        let sorted = others.sorted()
        let shorter = some.reduce(0.0) { sum, time in
            let below = sorted.partitioningIndex { $0 >= time }
            let notAbove = sorted.partitioningIndex { $0 > time }
            return sum + Double(below) + Double(notAbove - below) / 2
        }
        return shorter / Double(some.count * others.count)
    }
}

extension [UInt64] {
    /// The first place from which on the condition holds, in what is sorted by it.
    fileprivate func partitioningIndex(where holds: (UInt64) -> Bool) -> Int {
        var range = indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = holds(self[middle]) ? range.lowerBound..<middle : (middle + 1)..<range.upperBound
        }
        return range.lowerBound
    }
}
