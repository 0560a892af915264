import Names

extension PolicyReader {
    mutating func test(_ value: PolicyValue, _ groups: PolicyGroups) -> PolicyTest? {
        let before = faults.count
        let required = ["who", "to", "as", "expect"]
        guard let fields = fields(value, required: required, optional: ["with", "device", "groups"]) else {
            return nil
        }
        let who = fields["who"].flatMap { member($0) }
        let to = fields["to"].flatMap { testPlace($0) }
        let rule = fields["as"].flatMap { to == .authority ? role($0) : login($0) }
        let expect = fields["expect"].flatMap { word($0, Expectation.self) }
        let with = fields["with"].flatMap { distinct($0) { $0.word($1, Factor.self) } }
        let device = fields["device"].flatMap { word($0, DeviceRule.self) }
        let external = fields["groups"].flatMap { distinct($0) { $0.externalGroup($1, groups) } }
        guard let who, let to, let rule, let expect, faults.count == before else { return nil }
        return PolicyTest(
            who: who, to: to, as: rule, expects: expect, with: with ?? [.password],
            enrolledDevice: device == .enrolled, groups: external ?? [], line: value.line)
    }

    private mutating func testPlace(_ value: PolicyValue) -> PolicyTestPlace? {
        guard let text = text(value) else { return nil }
        if text.utf8.elementsEqual("authority".utf8) { return .authority }
        if let rest = text.behind("label:") {
            return name(value, rest, Label.init(_:)).map(PolicyTestPlace.label)
        }
        return name(value, text.behind("host:") ?? text, Name.init(host:)).map(PolicyTestPlace.host)
    }

    private mutating func externalGroup(_ value: PolicyValue, _ groups: PolicyGroups) -> Name? {
        guard let name = name(value, Name.init(_:)) else { return nil }
        guard groups.external.contains(name) else {
            return fault(value, "there is no external group called \(name)")
        }
        return name
    }
}
