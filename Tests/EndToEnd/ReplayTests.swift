import AsyncHTTPClient
import AuthorityAPI
import NIOCore
import NIOHTTP1
import TestKit
import Testing

@testable import AuthorityClient

/// What somebody in the middle could do, where two servers go by one name: the request that one of them got, sent again.
@Suite(.servers) struct `A proof that one server took` {
    private struct Pair {
        let first: Installation
        let second: Installation
        let connection: AuthorityConnection

        init() async throws {
            first = try await Installation(database: try await Engine.postgres.database())
            try await first.enrolAdmin()
            second = try await Installation(beside: first)
            connection = try first.connection()
        }

        /// Sends a request for the first server to either of them, as a balancer would.
        func send(_ request: HTTPClientRequest, to node: Installation) async throws -> (Int, Problem?) {
            var sent = request
            sent.url = node.url + Route.session.path
            sent.headers.replaceOrAdd(name: "Host", value: "localhost:\(first.port)")
            let response = try await connection.client.execute(sent, timeout: .seconds(30))
            let body = Array(buffer: try await response.body.collect(upTo: 65_536))
            let problem = try? APICoding.decode(Problem.self, from: body, unknownFields: .ignored)
            return (Int(response.status.code), problem)
        }

        func request(nonce: String?) throws -> HTTPClientRequest {
            try connection.request(PreparedCall(.session), to: try ServerAddress(first.url), nonce: nonce)
        }
    }

    @Test func `is worth nothing at the other, nor at the same one after a restart`() async throws {
        let pair = try await Pair()
        let plain = try pair.request(nonce: nil)
        #expect(try await pair.send(plain, to: pair.first).0 == 200)
        #expect(try await pair.send(plain, to: pair.second).1?.code == "proof-invalid")

        let (_, facts) = try await pair.connection.bytes(.authority)
        let nonce = try #require(facts.nonce)
        let named = try pair.request(nonce: nonce)
        #expect(try await pair.send(named, to: pair.second).1?.code == "use-dpop-nonce")
        #expect(try await pair.send(named, to: pair.first).0 == 200)
        #expect(try await pair.send(named, to: pair.first).1?.code == "proof-invalid")

        try await pair.first.killServer()
        try await pair.first.start()
        #expect(try await pair.send(plain, to: pair.first).1?.code == "proof-invalid")
        #expect(try await pair.send(named, to: pair.first).1?.code == "use-dpop-nonce")
        await pair.connection.close()
    }

    @Test func `costs its client nothing: it goes on where a server was restarted, and at another`()
        async throws
    {
        let pair = try await Pair()
        for _ in 0..<2 {
            let (who, _): (WhoAmI, AnswerFacts) = try await pair.connection.call(.session)
            #expect(who.identity == "boss")
        }
        let before = pair.connection.nonces[try ServerAddress(pair.first.url)]
        try await pair.first.killServer()
        try await pair.first.start()
        let (who, facts): (WhoAmI, AnswerFacts) = try await pair.connection.call(.session)
        #expect(who.identity == "boss")
        #expect(facts.nonce != nil && facts.nonce != before)
        pair.connection.turn(to: [try ServerAddress(pair.second.url)])
        let (there, _): (WhoAmI, AnswerFacts) = try await pair.connection.call(.session)
        #expect(there.identity == "boss")
        await pair.connection.close()
    }
}

/// The same where one server is alone with an SQLite database, and is killed.
@Suite(.servers, .timeLimit(.minutes(20))) struct `A proof that a single server took` {
    @Test func `is refused by the one that is started after kill -9, and clients go on`() async throws {
        let installation = try await Installation()
        try await installation.enrolAdmin()
        let connection = try installation.connection()
        let server = try ServerAddress(installation.url)
        let send = { (request: HTTPClientRequest) async throws -> (Int, Problem?) in
            let response = try await connection.client.execute(request, timeout: .seconds(30))
            let body = Array(buffer: try await response.body.collect(upTo: 65_536))
            let problem = try? APICoding.decode(Problem.self, from: body, unknownFields: .ignored)
            return (Int(response.status.code), problem)
        }
        let (_, facts) = try await connection.bytes(.authority)
        let nonce = try #require(facts.nonce)
        let begin = PreparedCall(.signIn, body: Array(#"{"name":"boss"}"#.utf8))
        let plain = try [PreparedCall(.session), begin].map {
            try connection.request($0, to: server, nonce: nil)
        }
        let named = try [PreparedCall(.session), begin].map {
            try connection.request($0, to: server, nonce: nonce)
        }
        for request in plain + named { #expect(try await send(request).0 == 200) }

        try await installation.killServer()
        try await installation.start()
        for request in plain {
            let (status, problem) = try await send(request)
            #expect(status == 401)
            #expect(problem?.detail == "this proof was used before")
        }
        for request in named { #expect(try await send(request).1?.code == "use-dpop-nonce") }
        let fresh = try connection.request(PreparedCall(.session), to: server, nonce: nil)
        #expect(try await send(fresh).0 == 200)
        let (who, _): (WhoAmI, AnswerFacts) = try await connection.call(.session)
        #expect(who.identity == "boss")
        #expect(connection.nonces[server] != nonce)
        await connection.close()
    }
}
