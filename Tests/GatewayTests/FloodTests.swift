import AuthorityAPI
import SSHFormats
import TestKit
import Testing

@testable import Gateway

@Suite struct `A flood of strangers' proofs` {
    private static let now = UnixTime(1_000_000)
    private static let limit = GatewayConfiguration(
        hosts: [], version: "", links: LinkText(authority: "", pin: nil)
    ).mostProofsOfStrangers

    private let ids = ProofIDs(limit: limit, tolerance: 60)
    private let key: PublicKey

    init() throws { key = try PrivateKey.generate(.ecdsaP256).publicKey }

    private func take(_ id: String, from network: String, at now: UnixTime = now) throws(DoorError) {
        try ids.take(id, by: key, from: network, issuedAt: now, now: now)
    }

    /// How many a network gets out of so many tries.
    private func taken(_ tries: Int, from network: String) -> Int {
        (0..<tries).count { (try? take("\($0) of \(network)", from: network)) != nil }
    }

    @Test func `X07 keeps nobody else out, and takes no more room than there is`() throws {
        let flooders = (0..<4).map { "2001:db8:0:\($0)::/64" }
        var (sent, refused) = (0, 0)
        for round in 0..<500 {
            for flooder in flooders {
                for number in 0..<500 {
                    sent += 1
                    do { try take("\(round) \(number)\(flooder)", from: flooder) } catch {
                        #expect(error == .tooMany(seconds: 61))
                        refused += 1
                    }
                }
            }
            for step in 0..<4 { try take("\(round) \(step)", from: "192.0.2.\(round)") }
        }
        #expect(sent == 1_000_000)
        #expect(ids.count == sent - refused + 2_000)
        #expect(ids.count < Self.limit / 2)
        #expect(throws: DoorError.proofUsed) { try take("0 0\(flooders[0])", from: "192.0.2.1") }
    }

    @Test func `by a thousand networks leaves as much for one more`() throws {
        for round in 0..<30 {
            for network in 0..<1_000 {
                for number in 0..<20 {
                    try? take("\(round) \(number) \(network)", from: "\(network)")
                }
            }
        }
        #expect(ids.count > Self.limit * 9 / 10)
        #expect(taken(1_000, from: "another") > 200)
        #expect(ids.count < Self.limit)
    }

    @Test func `is let in again as its proofs run out`() throws {
        let all = taken(60_000, from: "flood")
        #expect(all == Self.limit / 9)
        #expect(throws: DoorError.tooMany(seconds: 61)) { try take("more", from: "flood") }
        let later = Self.now.advanced(by: 60)
        #expect(throws: DoorError.tooMany(seconds: 1)) { try take("more", from: "flood", at: later) }
        try take("more", from: "flood", at: later.advanced(by: 1))
        #expect(ids.count == 1)
    }

    @Test func `leaves one address more than its requests can carry while a proof counts`() {
        let configuration = GatewayConfiguration(
            hosts: [], version: "", links: LinkText(authority: "", pin: nil))
        let seconds = Int(configuration.proofTolerance) + 1 + Int(RateTable.burst)
        #expect(taken(60_000, from: "office") > 2 * configuration.requestsPerSource * seconds)
    }

    @Test func `never lets a network have more because others share its cells`() {
        var shares = SourceShares()
        var held: [Int: Int] = [:]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<400_000 {
            let network = Int.random(in: 0..<100_000, using: &random)
            let place = SourceShares.Place("\(network)")
            if let count = held[network], count > 0, Bool.random(using: &random) {
                shares.giveBack(place, UInt32(count))
                held[network] = 0
            } else {
                shares.take(place)
                held[network, default: 0] += 1
            }
        }
        #expect(held.allSatisfy { shares[SourceShares.Place("\($0.key)")] >= $0.value })
        #expect(shares.size < 530_000)
    }

    @Test func `at the door is refused, while others sign in and nothing counts twice`() async throws {
        let door = try await TestDoor {
            $0.requestsPerSource = 100_000
            $0.mostProofsOfStrangers = 800
        }
        var flood: [TestRequest] = []
        var refusals: [Int: Int] = [:]
        for number in 0..<600 {
            let source = ["198.51.100.7", "2001:db8:0:1::\(number)", "2001:db8:0:2::\(number)"][number % 3]
            let request = try signIn(door, from: source)
            flood.append(request)
            let reply = try await door.send(request)
            refusals[reply.status, default: 0] += 1
            guard reply.status == 429 else { continue }
            #expect(reply.code == "too-many-requests")
            #expect(reply.field("Retry-After") == "61")
        }
        let taken = try #require(refusals[200])
        #expect((200..<240).contains(taken), "of 800, by three who may have an eleventh each")
        #expect(refusals == [200: taken, 429: 600 - taken])
        for number in 0..<40 {
            #expect(try await door.send(try signIn(door, from: "203.0.113.\(number)")).status == 200)
        }
        for request in flood.prefix(3) {
            var elsewhere = request
            elsewhere.source = "203.0.113.99"
            #expect(try await door.send(elsewhere).code == "proof-invalid")
            #expect(try await door.send(request).code == "proof-invalid")
        }
    }

    private func signIn(_ door: TestDoor, from source: String) throws -> TestRequest {
        var request = TestRequest(.signIn, #"{"name":"alice"}"#)
        request.source = source
        request.proof = try request.proof(by: door.key, token: nil)
        return request
    }
}
