/// The conditions of a grant that are not met. The first condition is the highest bit, so that of two
/// shortfalls the smaller is the nearer miss.
struct Shortfall: OptionSet, Hashable, Sendable {
    let rawValue: UInt16

    static let who = Shortfall(rawValue: 1 << 8)
    static let host = Shortfall(rawValue: 1 << 7)
    static let login = Shortfall(rawValue: 1 << 6)
    static let scope = Shortfall(rawValue: 1 << 5)
    static let door = Shortfall(rawValue: 1 << 4)
    static let device = Shortfall(rawValue: 1 << 3)
    static let factors = Shortfall(rawValue: 1 << 2)
    static let lifetime = Shortfall(rawValue: 1 << 1)
    static let approval = Shortfall(rawValue: 1 << 0)

    /// All conditions, in the order in which they are judged.
    static let inOrder: [Shortfall] = [
        .who, .host, .login, .scope, .door, .device, .factors, .lifetime, .approval,
    ]

    /// Adds the condition unless it is met.
    mutating func require(_ condition: Shortfall, _ isMet: Bool) {
        if !isMet { insert(condition) }
    }
}
