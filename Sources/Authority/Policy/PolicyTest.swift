package import Names

/// A sentence of the policy about itself: a policy whose own tests fail cannot be applied.
package struct PolicyTest: Hashable, Sendable {
    package let who: IdentityID
    package let to: PolicyTestPlace
    package let `as`: LoginRule
    package let expects: Expectation
    /// Factors taken as just shown; a password where the test does not say.
    package let with: [Factor]
    /// Whether the test is made from an enrolled device of its own.
    package let enrolledDevice: Bool
    /// External groups that it takes the identity to be in.
    package let groups: [Name]
    /// Line of the policy text, from 1.
    package let line: Int

    package var description: String {
        "\(who) as \(`as`) on \(to): \(expects.words)"
    }
}

/// What a test wants to come out; each is none of the others.
package enum Expectation: String, Hashable, Sendable, CaseIterable {
    case allowed, denied
    /// Allowed once others approve, and not before.
    case approval

    var words: String { self == .approval ? "allowed after approval" : rawValue }
}

/// Where a test tries to get.
package enum PolicyTestPlace: Hashable, Sendable, CustomStringConvertible {
    /// A host of the directory. One that is not there has no labels.
    case host(Name)
    /// A host that is made up for the test and has this label alone.
    case label(Label)
    case authority

    package var description: String {
        switch self {
        case .host(let name): name.text
        case .label(let label): "label:\(label)"
        case .authority: "authority"
        }
    }
}

/// A test that came out otherwise.
package struct PolicyTestFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let test: PolicyTest
    /// What happened instead, in words.
    package let problem: String

    package var description: String { "line \(test.line): expected \(test.description), but \(problem)" }
}
