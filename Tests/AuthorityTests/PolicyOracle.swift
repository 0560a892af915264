import Authority
import Names
import SSHFormats

/// A policy and a request in bare texts, made by chance, and the verdict that DESIGN §5 asks for, worked out
/// the slow way: over texts and lists of yes and no instead of sets and bits.
struct RawGrant {
    let name: String
    let who: [String], to: [String], logins: [String]
    let scope: String, seconds: Int
    let isForDevices: Bool
    let factors: [(name: String, maxAge: Int?)]
    let isPlain: Bool, needsApproval: Bool
    let command: String?, addresses: [String]

    static let hosts = ["web1", "web2", "db1"], labels = ["env=test", "env=prod", "tier=web"]
    static let people = ["alice", "bob", "carol"], groups = ["web", "ops"]

    init(_ index: Int, _ random: inout SeededGenerator) {
        name = "g\(index)"
        let everybody = Self.people + ["service:ci"] + Self.groups.map { "group:\($0)" }
        who = random.some(everybody, atMost: 3)
        to = random.some(Self.hosts.map { "host:\($0)" } + Self.labels.map { "label:\($0)" }, atMost: 4)
        logins = random.some(["root", "deploy", "alice", "$self"], atMost: 3)
        let isConnection = random.chance(4)
        scope = isConnection ? "connection" : "day"
        seconds = [1, 60, 120].randomElement(using: &random) ?? 1
        isForDevices = random.chance(4)
        var factors: [(String, Int?)] = []
        if random.chance(4) { factors.append(("totp", random.chance(2) ? 600 : nil)) }
        if random.chance(6) { factors.append(("webauthn", 60)) }
        self.factors = factors
        isPlain = !isConnection && random.chance(5)
        needsApproval = random.chance(8)
        command = random.chance(5) ? "/bin/run \(index)" : nil
        addresses =
            random.chance(5) ? random.some(["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"], atMost: 3) : []
    }

    var yaml: String {
        var fields = [
            "name: \(name)", "who: [\(who.joined(separator: ", "))]", "to: [\(to.joined(separator: ", "))]",
            "as: [\(logins.joined(separator: ", "))]", "scope: \(scope)", "for: \(seconds)s",
        ]
        if isForDevices { fields.append("devices: enrolled") }
        if !factors.isEmpty {
            let list = factors.map { factor in
                factor.maxAge.map { "{factor: \(factor.name), maxAge: \($0)s}" } ?? factor.name
            }
            fields.append("with: [\(list.joined(separator: ", "))]")
        }
        if isPlain { fields.append("principals: plain") }
        if needsApproval { fields.append("approve: {by: group:web}") }
        if let command { fields.append("options: {forceCommand: \(command)}") }
        if !addresses.isEmpty {
            fields.append("from: [\(addresses.map { "\"\($0)\"" }.joined(separator: ", "))]")
        }
        return "  - {\(fields.joined(separator: ", "))}"
    }
}

struct RawRequest {
    let who: String, ownLogin: String?, isSuspended: Bool
    let deviceOwner: String?
    /// Name and how many seconds ago.
    let factors: [String: Int]
    let host: String?, labels: [String]
    let login: String, scope: String?, seconds: Int?, grant: String?

    init(grants: Int, _ random: inout SeededGenerator) {
        who = (RawGrant.people + ["service:ci", "host:web1"]).randomElement(using: &random) ?? "alice"
        ownLogin =
            who == "service:ci" ? nil : ["alice", "root", "own", nil].randomElement(using: &random) ?? nil
        isSuspended = random.chance(20)
        deviceOwner = [who, who, "alice", nil].randomElement(using: &random) ?? nil
        var factors: [String: Int] = [:]
        for name in ["totp", "webauthn", "password"] where !random.chance(3) {
            factors[name] = [0, 60, 61, 600, 601, 5_000].randomElement(using: &random) ?? 0
        }
        self.factors = factors
        host = random.chance(6) ? nil : (RawGrant.hosts + ["other"]).randomElement(using: &random)
        labels = random.chance(3) ? [] : random.some(RawGrant.labels, atMost: 3)
        login = ["root", "deploy", "alice", "own", "daemon"].randomElement(using: &random) ?? "root"
        scope = [nil, nil, "day", "connection"].randomElement(using: &random) ?? nil
        seconds = [nil, nil, 0, 1, 60, 61, 120, 121].randomElement(using: &random) ?? nil
        grant = random.chance(3) ? "g\(Int.random(in: 0...grants, using: &random))" : nil
    }
}

/// What must come out: the grant with its principals, or the code.
struct RawVerdict: Equatable {
    var grant: String?, principals: [String] = [], seconds = 0, command: String?, addresses: [String] = []
    var code: String?
}

func oracle(_ grants: [RawGrant], members: [String: [String]], _ request: RawRequest) -> RawVerdict {
    if request.isSuspended { return RawVerdict(code: "identity-suspended") }
    if request.who == "host:web1" { return RawVerdict(code: "no-grant") }
    if request.grant == nil, request.host == nil { return RawVerdict(code: "bad-request") }
    let asked = grants.filter { request.grant == nil || request.grant == $0.name }
    let answers = asked.map { (grant: $0, conditions: conditions($0, members, request)) }
    if let (grant, _) = answers.first(where: { !$0.conditions.contains(false) }) {
        return RawVerdict(
            grant: grant.name, principals: principals(grant, request),
            seconds: request.seconds ?? grant.seconds,
            command: grant.command, addresses: grant.addresses)
    }
    // As texts of 1 and 0, the nearest grant is the one that comes last in the dictionary.
    func score(_ conditions: [Bool]) -> String { conditions.map { $0 ? "1" : "0" }.joined() }
    guard let best = answers.map({ score($0.conditions) }).max(),
        let (grant, conditions) = answers.first(where: { score($0.conditions) == best }),
        let missing = conditions.firstIndex(of: false)
    else { return RawVerdict(code: "no-grant") }
    let own = request.ownLogin == "root" || request.who == "service:ci" ? nil : request.ownLogin
    if missing == 2, grant.logins.contains("$self"), own == nil, request.login != "root" {
        return RawVerdict(code: "login-missing")
    }
    let unmet = grant.factors.filter { factor in
        request.factors[factor.name].map { $0 > factor.maxAge ?? $0 } ?? true
    }
    if missing == 5, unmet.allSatisfy({ request.factors[$0.name] != nil }) {
        return RawVerdict(code: "factor-too-old")
    }
    let codes = [
        "no-grant", "host-not-granted", "principal-not-granted", "scope-not-granted", "device-required",
        "factor-required", "bad-lifetime", "approval-required",
    ]
    return RawVerdict(code: codes[missing])
}

private func conditions(_ grant: RawGrant, _ members: [String: [String]], _ request: RawRequest) -> [Bool] {
    var people = grant.who
    for (group, names) in members where grant.who.contains("group:\(group)") { people += names }
    let logins = grant.logins.map {
        $0 == "$self" && request.ownLogin != "root" ? request.ownLogin ?? "" : $0
    }
    let factors = grant.factors.map { factor -> Bool in
        guard let age = request.factors[factor.name] else { return false }
        return age <= factor.maxAge ?? age
    }
    return [
        people.contains(request.who),
        request.host == nil ? grant.scope == "day" : !matches(grant, request).isEmpty,
        logins.contains(request.login), [grant.scope, nil].contains(request.scope),
        !grant.isForDevices || request.deviceOwner == request.who, !factors.contains(false),
        request.seconds.map { $0 >= 1 && $0 <= grant.seconds } ?? true, !grant.needsApproval,
    ]
}

private func matches(_ grant: RawGrant, _ request: RawRequest) -> [String] {
    guard let host = request.host else { return grant.to }
    return grant.to.filter {
        ["host:\(host)"].contains($0) || request.labels.map { "label:\($0)" }.contains($0)
    }
}

private func principals(_ grant: RawGrant, _ request: RawRequest) -> [String] {
    if grant.isPlain { return [request.login] }
    if grant.scope == "connection" { return ["\(request.login)@\(request.host ?? "")"] }
    return matches(grant, request).map { "\(request.login)@" + ($0.split(separator: ":").last ?? "") }
}
