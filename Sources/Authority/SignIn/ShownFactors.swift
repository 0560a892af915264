/// What somebody shows to prove who they are.
package struct ShownFactors: Sendable {
    package var password: [UInt8]?
    /// Of the authenticator app.
    package var code: String?
    package var recoveryCode: String?

    package init(password: [UInt8]? = nil, code: String? = nil, recoveryCode: String? = nil) {
        self.password = password
        self.code = code
        self.recoveryCode = recoveryCode
    }

    /// - Throws: `.refused(.badRequest)` for answers that belong to no factor.
    init(_ answers: [String: String]) throws(AuthorityError) {
        var rest = answers
        let password = rest.removeValue(forKey: "password")
        self.init(
            password: password.map { Array($0.utf8) }, code: rest.removeValue(forKey: "totp"),
            recoveryCode: rest.removeValue(forKey: "recovery"))
        guard rest.isEmpty else { throw .refused(.badRequest, "answers: password, totp, recovery") }
    }

    /// In the order in which they are counted.
    package var factors: [Factor] {
        let shown: [(Factor, Bool)] = [
            (.password, password != nil), (.totp, code != nil), (.recovery, recoveryCode != nil),
        ]
        return shown.filter(\.1).map(\.0)
    }

    /// - Throws: `.refused(.badRequest)` for a password that is longer than any can be.
    func check() throws(AuthorityError) {
        guard password?.count ?? 0 <= FactorCheck.longestPassword else {
            throw .refused(.badRequest, "password: longer than 1024 bytes")
        }
    }
}
