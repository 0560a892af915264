import Authority
import Names
import SSHFormats
import Testing

@Suite struct `Random policies` {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `Z03 decide as the rules worked out the slow way do`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var allowed = 0
        for _ in 0..<60 {
            let count = Int.random(in: 1...6, using: &random)
            let grants = (0..<count).map { RawGrant($0, &random) }
            let members = [
                "web": random.some(RawGrant.people, atMost: 2),
                "ops": random.some(["service:ci", "bob"], atMost: 2),
            ]
            let groups = members.map { "\($0): [\($1.joined(separator: ", "))]" }.joined(separator: ", ")
            let text = "groups: {\(groups)}\ngrants:\n" + grants.map(\.yaml).joined(separator: "\n")
            let policy = try Policy(yaml: text)
            for _ in 0..<60 {
                let raw = RawRequest(grants: count, &random)
                let verdict = verdict(policy.decide(try Self.request(raw), at: noon))
                let expected = oracle(grants, members: members, raw)
                if expected.grant != nil { allowed += 1 }
                guard verdict != expected else { continue }
                Issue.record("\(text)\n\(raw)\ngot \(verdict)\nexpected \(expected)")
                return
            }
        }
        #expect(allowed > 100, "too few requests are allowed to say anything")
    }

    private func verdict(_ decision: Decision) -> RawVerdict {
        switch decision {
        case .allowed(let allowance):
            RawVerdict(
                grant: allowance.grant.text, principals: allowance.principals.map(\.description),
                seconds: Int(allowance.lifetime), command: allowance.options.forceCommand,
                addresses: allowance.options.sourceAddress?.networks ?? [])
        case .refused(let code, _, _): RawVerdict(code: code.rawValue)
        }
    }

    private static func request(_ raw: RawRequest) throws -> AccessRequest {
        let identity = Identity(
            id: try IdentityID(raw.who), owner: nil, status: raw.isSuspended ? .suspended : .active,
            attributes: IdentityAttributes(login: try raw.ownLogin.map { try Login($0) }), createdAt: noon)
        let device = try raw.deviceOwner.map { owner in
            Identity(id: try IdentityID("device:laptop"), owner: try IdentityID(owner), createdAt: noon)
        }
        var factors: ProvenFactors = [:]
        for (name, age) in raw.factors { factors[try #require(Factor(rawValue: name))] = moment(Int64(age)) }
        return AccessRequest(
            subject: Subject(identity: identity, device: device, factors: factors),
            host: try raw.host.map {
                Host(name: try Name(host: $0), labels: Set(try raw.labels.map { try Label($0) }))
            },
            login: try Login(raw.login), scope: raw.scope.flatMap(Scope.init),
            lifetime: raw.seconds.map(UInt64.init),
            grant: try raw.grant.map { try Name($0) })
    }
}
