package import Names
package import SSHFormats

extension Policy {
    /// Runs the policy's own tests; empty if all hold.
    ///
    /// - Parameters:
    ///   - hosts: The hosts of the directory, with their labels.
    ///   - login: The `login` attribute of a person, which `$self` stands for.
    package func runTests(
        hosts: [Host], at now: UnixTime, login: (IdentityID) -> Login?
    ) -> [PolicyTestFailure] {
        let labels = Dictionary(hosts.map { ($0.name, $0.labels) }) { first, _ in first }
        return tests.compactMap { test in
            let outcome = outcome(
                of: test, Self.subject(test, login: login(test.who), at: now), labels, at: now)
            guard outcome.came != test.expects else { return nil }
            return PolicyTestFailure(test: test, problem: outcome.words)
        }
    }

    private struct Outcome {
        let came: Expectation
        let words: String
    }

    private static func subject(_ test: PolicyTest, login: Login?, at now: UnixTime) -> Subject {
        let identity = Identity(
            id: test.who, owner: nil, attributes: IdentityAttributes(login: login), createdAt: now)
        let device = Identity(id: IdentityID(.device, test.who.name), owner: test.who, createdAt: now)
        return Subject(
            identity: identity, device: test.enrolledDevice ? device : nil,
            factors: Dictionary(test.with.map { ($0, now) }) { first, _ in first },
            externalGroups: Set(test.groups))
    }

    private func outcome(
        of test: PolicyTest, _ subject: Subject, _ labels: [Name: Set<Label>], at now: UnixTime
    ) -> Outcome {
        switch (test.to, test.as) {
        case (.authority, .role(let role)):
            return Self.outcome(mayAct(role, subject: subject, at: now))
        case (.host(let name), let rule):
            return outcome(Host(name: name, labels: labels[name] ?? []), rule, subject, at: now)
        case (.label(let label), let rule):
            return outcome(Host(madeUpWith: label), rule, subject, at: now)
        case (.authority, .login), (.authority, .own):
            return Outcome(came: .denied, words: "a login is not a role on the authority")
        }
    }

    private func outcome(_ host: Host, _ rule: LoginRule, _ subject: Subject, at now: UnixTime) -> Outcome {
        switch rule {
        case .login(let login):
            return Self.outcome(decide(AccessRequest(subject: subject, host: host, login: login), at: now))
        case .own:
            guard let login = subject.ownLogin else {
                return Outcome(
                    came: .denied, words: "\(subject.identity.id) has no login for $self to stand for")
            }
            return Self.outcome(decide(AccessRequest(subject: subject, host: host, login: login), at: now))
        case .role:
            return Outcome(came: .denied, words: "a role is not a login on a host")
        }
    }

    private static func outcome(_ decision: Decision) -> Outcome {
        switch decision {
        case .allowed(let allowance):
            Outcome(came: .allowed, words: "grant \(allowance.grant) allows it")
        case .refused(let code, _, let missing):
            Outcome(came: code == .approvalRequired ? .approval : .denied, words: words(code, missing))
        }
    }

    private static func outcome(_ decision: AuthorityDecision) -> Outcome {
        switch decision {
        case .allowed(let grant): Outcome(came: .allowed, words: "grant \(grant) allows it")
        case .refused(let code, _, let missing):
            Outcome(came: code == .approvalRequired ? .approval : .denied, words: words(code, missing))
        }
    }

    private static func words(_ code: Refusal, _ missing: [String]) -> String {
        "it is refused (\(code.rawValue))" + (missing.isEmpty ? "" : ": ") + missing.joined(separator: "; ")
    }
}
