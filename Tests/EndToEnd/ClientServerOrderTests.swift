import AuthorityAPI
import Synchronization
import Testing

@testable import AuthorityClient

@Suite struct `The order of an authority's servers` {
    private let servers: [ServerAddress]

    init() throws {
        servers = try (1...3).map { try ServerAddress("https://ca\($0).example.com:8443") }
    }

    @Test func `is the same for a client however they are listed, and spreads all clients evenly`() {
        var firsts: [ServerAddress: Int] = [:]
        var seconds: [ServerAddress: Int] = [:]
        for number in 0..<3_000 {
            let client = Array("client \(number)".utf8)
            let order = ServerOrder(servers, client: client).all
            #expect(ServerOrder(servers.reversed() + servers, client: client).all == order)
            firsts[order[0], default: 0] += 1
            if order[0] == servers[0] { seconds[order[1], default: 0] += 1 }
        }
        #expect(firsts.count == 3 && firsts.values.allSatisfy { (900...1_100).contains($0) }, "\(firsts)")
        #expect(seconds.count == 2 && seconds.values.allSatisfy { $0 > 400 }, "its clients spread as well")
    }

    @Test func `is as given for who has no key`() {
        #expect(ServerOrder(servers, client: []).all == servers)
    }

    @Test func `puts a server that failed last, for half a minute to one and a half`() {
        let time = Mutex<UInt64>(0)
        let order = ServerOrder(servers, client: []) { time.withLock { $0 } }
        order.failed(servers[0])
        #expect(order.next == [servers[1], servers[2], servers[0]])
        order.failed(servers[1])
        #expect(order.next.first == servers[2])
        time.withLock { $0 = 29_000_000_000 }
        #expect(order.next.first == servers[2])
        time.withLock { $0 = 90_000_000_000 }
        #expect(order.next == servers)
        order.failed(servers[0])
        order.answered(servers[0])
        #expect(order.next == servers)
    }

    @Test func `takes another list, but never none`() {
        let order = ServerOrder([servers[0]], client: [])
        order.replace([])
        #expect(order.all == [servers[0]])
        order.replace(servers)
        #expect(order.all == servers)
    }
}
