import Foundation
import Testing

/// L04: an authority that shows one ledger to some and another to others.
@Suite(.servers) struct `A witness of the ledger` {
    @Test func `L04 finds that two are shown, whichever it is asked about first, and keeps the proof`()
        async throws
    {
        let house = try await Installation()
        try await house.enrolAdmin()
        let early = house.scratch.path("early")
        #expect(try await house.reeve("audit", "witness", "--write", early).status == 0)
        try await house.stopServer()

        // Whoever has the whole folder can run two of it.
        let twin = try await Installation(copyOf: house)
        try await twin.adopt(house.home, from: house)
        try await house.start()
        try await happen("here", house)
        try await happen("there", twin)

        let here = house.scratch.path("here")
        let there = twin.scratch.path("there")
        #expect(try await house.reeve("audit", "witness", "--write", here, "--with", early).status == 0)
        #expect(try await twin.reeve("audit", "witness", "--write", there, "--with", early).status == 0)
        for (one, other) in [(house, there), (twin, here)] {
            let split = try await one.reeve("audit", "witness", "--with", other)
            #expect(split.status == 1)
            #expect(split.output.contains("SPLIT"), "\(split.output)\(split.errors)")
            #expect(split.output.components(separatedBy: "\n— ").count == 3, "both signed notes are shown")
            let again = try await one.reeve("audit", "witness")
            #expect(again.status == 0, "what it showed here has only grown")
        }
        let report = try await house.reeve("audit", "witness", "--with", there, "--json")
        #expect(report.output.contains("\"good\":false") && report.output.contains("\"evidence\":["))
    }

    @Test func `L04 notices that what was shown before is denied`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        try await house.stopServer()
        let twin = try await Installation(copyOf: house)
        try await twin.adopt(house.home, from: house)
        try await house.start()
        for number in 0..<3 { try await happen("more\(number)", house) }
        let later = house.scratch.path("later")
        #expect(try await house.reeve("audit", "witness", "--write", later).status == 0)
        let denied = try await twin.reeve("audit", "witness", "--with", later)
        #expect(denied.status == 1)
        #expect(denied.output.contains("denies"), "\(denied.output)\(denied.errors)")
    }

    @Test func `L04 takes no checkpoint that the key did not sign`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let other = try await Installation()
        try await other.enrolAdmin()
        let foreign = other.scratch.path("foreign")
        #expect(try await other.reeve("audit", "witness", "--write", foreign).status == 0)
        let ending = try await house.reeve("audit", "witness", "--with", foreign)
        #expect(ending.status == 1)
        #expect(ending.errors.contains("not a checkpoint of this ledger"))
    }

    /// An event of its own.
    private func happen(_ name: String, _ house: Installation) async throws {
        let added = try await house.reeve("host", "add", "\(name).example.com", "--link-only")
        guard added.status == 0 else { throw Failure("host add: \(added.errors)") }
    }
}
