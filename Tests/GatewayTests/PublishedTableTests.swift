import Authority
import AuthorityAPI
import Testing

@testable import Gateway

/// One operation of the table, as either side has it.
private struct Line: Hashable {
    let line: String
    let name: String
    let access: String
}

/// A status that openapi.yaml lists for a route.
struct Listed: Hashable, Sendable, CustomTestStringConvertible {
    let route: Route
    let status: Int
    var testDescription: String { "\(route.rawValue): \(status)" }

    static let all: [Listed] = Route.allCases.flatMap { route in
        let operation = try? Contract.published.get().operation(route)
        return (operation?.responses.keys.sorted() ?? []).map { Listed(route: route, status: $0) }
    }
}

@Suite struct `The published table of routes` {
    private let contract: Contract

    init() throws { contract = try Contract.published.get() }

    @Test func `says the same as the code, both ways`() {
        let published = contract.operations.map { Line(line: $0.line, name: $0.name, access: $0.access) }
        let coded =
            Route.allCases.map { Line(line: $0.rawValue, name: "\($0)", access: $0.access.rawValue) }
            + SCIMRoute.allCases.map { Line(line: $0.rawValue, name: "\($0)", access: "provisioner") }
        #expect(Set(published).subtracting(coded) == [], "openapi.yaml lists what the router has not")
        #expect(Set(coded).subtracting(published) == [], "add it to openapi.yaml")
        #expect(published.count == coded.count)
    }

    @Test(arguments: Route.allCases) func `asks for the proofs that the router asks for`(
        _ route: Route
    ) throws {
        let operation = try #require(contract.operation(route))
        let wanted: Set<String> =
            switch route.access {
            case .anyone: []
            case .keyHolder, .host: ["proof"]
            case .session: ["token", "proof"]
            }
        #expect(operation.security == wanted)
    }

    @Test(arguments: Route.allCases) func `lists each status by itself`(_ route: Route) throws {
        let operation = try #require(contract.operation(route))
        #expect(
            operation.doc["responses"]?["default"] == nil,
            "\(route.rawValue): instead of default, list each status, as its neighbours do")
        let all: Set = [200, 400, 413, 421, 429]
        let proven: Set = [401, 503]
        let wanted = route.access == .anyone ? all : all.union(proven)
        let missing = wanted.subtracting(operation.responses.keys)
        #expect(missing == [], "\(route.rawValue): every such route can answer these, so list them")
        #expect((operation.responses[415] != nil) == (route.method == "POST"))
        for (status, response) in operation.responses {
            #expect(response["headers"]?["Keyreeve-Request-Id"] != nil, "\(route.rawValue), \(status)")
        }
    }

    @Test func `lists the stable codes, all of them and no others`() throws {
        let listed = contract.components["schemas"]?["Problem"]?["properties"]?["code"]?["enum"]?.texts ?? []
        #expect(Set(listed) == Set(Failure.codes))
        #expect(listed.count == Failure.codes.count)
    }

    @Test(arguments: Route.allCases) func `has an example of each route that succeeds`(
        _ route: Route
    ) async throws {
        let making = try #require(Example.all[route], "\(route.rawValue): add one to Examples.swift")
        let door = try await TestDoor()
        let reply = try await door.send(try await making(door).signed())
        #expect(reply.status == 200, "\(reply.text)")
    }

    @Test(arguments: Listed.all) func `lists nothing that cannot happen`(_ listed: Listed) async throws {
        let reply = try #require(
            try await Provocation.reply(listed.route, listed.status),
            "\(listed.testDescription): no request in Provocations.swift brings it about; add one, or take it out"
        )
        #expect(reply.status == listed.status, "\(reply.text)")
    }
}
