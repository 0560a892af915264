import Names
import SSHFormats

extension PolicyReader {
    private static let always = ["name", "who", "to", "as"]
    private static let sometimes = ["devices", "with", "approve"]
    private static let forHosts = ["scope", "for", "from", "options", "door", "principals"]

    mutating func grant(_ value: PolicyValue, _ groups: PolicyGroups) -> Grant? {
        let before = faults.count
        let optional = Self.sometimes + Self.forHosts
        guard let fields = fields(value, required: Self.always, optional: optional) else { return nil }
        let name = fields["name"].flatMap { self.name($0, Name.init(_:)) }
        let who = fields["who"].flatMap { distinct($0) { $0.who($1, groups) } }
        let to = fields["to"].flatMap { distinct($0, atMost: Principals.limit) { $0.place($1) } }
        let isAboutAuthority = to?.contains(.authority) ?? false
        if isAboutAuthority { checkAuthority(value, fields, to ?? []) }
        let rules = fields["as"].flatMap {
            distinct($0) { isAboutAuthority ? $0.role($1) : $0.login($1) }
        }
        let scope = fields["scope"].flatMap { word($0, Scope.self) } ?? .day
        let form = fields["principals"].flatMap { word($0, PrincipalForm.self) } ?? .placed
        if let principals = fields["principals"], form == .plain, scope == .connection {
            note(principals, "a plain principal cannot name one host: use `scope: day`")
        }
        let longest = fields["for"].flatMap { duration($0, atMost: limits.longest(scope)) }
        let devices = fields["devices"].flatMap { word($0, DeviceRule.self) }
        let with = fields["with"].flatMap { factors($0) } ?? []
        let from = fields["from"].flatMap { sourceAddresses($0) }
        let options = fields["options"].flatMap { self.options($0) } ?? GrantOptions()
        let approve = fields["approve"].flatMap { approval($0, groups) }
        let door = fields["door"].flatMap { flag($0) } ?? false
        guard let name, let who, let to, let rules, faults.count == before else { return nil }
        return Grant(
            name: name, who: who, to: to, as: rules, scope: scope, longest: longest ?? limits.longest(scope),
            devices: devices == .enrolled, with: with, from: from, options: options, approve: approve,
            door: door, principals: form)
    }

    private mutating func checkAuthority(
        _ value: PolicyValue, _ fields: [String: PolicyValue], _ to: [Place]
    ) {
        if to.count > 1 { note(value, "`authority` must stand alone in `to`") }
        for key in Self.forHosts {
            guard let field = fields[key] else { continue }
            note(field, "means nothing where `to` is the authority")
        }
    }

    private mutating func who(_ value: PolicyValue, _ groups: PolicyGroups) -> Who? {
        guard let text = text(value) else { return nil }
        guard text.utf8.starts(with: "group:".utf8) else { return member(value).map(Who.identity) }
        return group(value, groups).map(Who.group)
    }

    private mutating func place(_ value: PolicyValue) -> Place? {
        guard let text = text(value) else { return nil }
        if text.utf8.elementsEqual("authority".utf8) { return .authority }
        if let rest = text.behind("host:") { return name(value, rest, Name.init(host:)).map(Place.host) }
        if let rest = text.behind("label:") { return name(value, rest, Label.init(_:)).map(Place.label) }
        return fault(value, "\(quoted(text)) is none of host:NAME, label:KEY=VALUE, authority")
    }

    mutating func login(_ value: PolicyValue) -> LoginRule? {
        guard let text = text(value) else { return nil }
        if text.utf8.elementsEqual("$self".utf8) { return .own }
        return name(value, text, Login.init(_:)).map(LoginRule.login)
    }

    mutating func role(_ value: PolicyValue) -> LoginRule? {
        word(value, AuthorityRole.self).map(LoginRule.role)
    }

    private mutating func factors(_ value: PolicyValue) -> [FactorRequirement]? {
        guard let requirements = distinct(value, { $0.factor($1) }) else { return nil }
        guard Set(requirements.map(\.factor)).count == requirements.count else {
            return fault(value, "names a factor twice")
        }
        return requirements
    }

    private mutating func factor(_ value: PolicyValue) -> FactorRequirement? {
        if case .text = value.content {
            return word(value, Factor.self).map { FactorRequirement(factor: $0, maxAge: nil) }
        }
        guard let fields = fields(value, required: ["factor"], optional: ["maxAge"]) else { return nil }
        let factor = fields["factor"].flatMap { word($0, Factor.self) }
        guard let age = fields["maxAge"] else {
            return factor.map { FactorRequirement(factor: $0, maxAge: nil) }
        }
        guard let maxAge = duration(age, atMost: 30 * 86_400), let factor else { return nil }
        return FactorRequirement(factor: factor, maxAge: maxAge)
    }

    private mutating func sourceAddresses(_ value: PolicyValue) -> SourceAddresses? {
        guard let texts = distinct(value, atMost: 256, { $0.text($1) }) else { return nil }
        do { return try SourceAddresses(texts) } catch {
            let wrong = texts.filter { (try? SourceAddresses([$0])) == nil }.map(quoted).joined(
                separator: ", ")
            return fault(value, "not an address or network without bits behind its prefix: \(wrong)")
        }
    }

    private mutating func approval(_ value: PolicyValue, _ groups: PolicyGroups) -> Approval? {
        guard let fields = fields(value, required: ["by"], optional: ["count"]) else { return nil }
        let by = fields["by"].flatMap { group($0, groups) }
        let count = fields["count"].map { number($0, atMost: 16) } ?? 1
        guard let by, let count else { return nil }
        return Approval(by: by, count: count)
    }
}

/// The one word that `devices` takes.
enum DeviceRule: String, CaseIterable { case enrolled }
