/// `GET /v1/governance`: every rule with what it finds now.
public struct GovernanceReply: Codable, Hashable, Sendable {
    public struct Rule: Codable, Hashable, Sendable {
        /// e.g. `dormant-keys`.
        public let rule: String
        /// `off`, `warn`, `verify` or `lock`.
        public let `do`: String
        /// Seconds, where the rule is about age.
        public let after: UInt64?
        /// From so many on, where it counts.
        public let count: UInt64?
        public let findings: [Finding]
        public init(rule: String, do measure: String, after: UInt64?, count: UInt64?, findings: [Finding]) {
            self.rule = rule
            self.do = measure
            self.after = after
            self.count = count
            self.findings = findings
        }
    }
    public struct Finding: Codable, Hashable, Sendable {
        /// Who it is about, or who holds the key.
        public let identity: String?
        public let key: String?
        /// The rest of a sentence about them.
        public let words: String
        public init(identity: String?, key: String?, words: String) {
            self.identity = identity
            self.key = key
            self.words = words
        }
    }
    public let rules: [Rule]
    public init(rules: [Rule]) { self.rules = rules }
}
