import Testing

@Suite struct `The configuration of an identity provider` {
    private func check(_ lines: String) async throws -> Program.Ending {
        let text = """
            [[oidc]]
            name = "corp"
            issuer = "https://id.example.com"
            client_id = "keyreeve"
            \(lines)

            """
        let scratch = Scratch()
        let file = try scratch.write(text, to: "reeved.toml")
        return try await Program.run("reeved", ["config", "--check", "--config", file])
    }

    @Test func `may have rules about claims`() async throws {
        let ending = try await check(
            """
            groups = [{ claim = "realm_access.roles", value = "ca-ops", group = "ops" }]
            login_from = { claim = "email", without = "@example.com" }
            create = true
            name_from = { claim = "preferred_username" }
            keys_kept = 300
            """)
        #expect(ending.status == 0, "\(ending.errors)")
    }

    @Test(arguments: [
        ("groups = [{ claim = \"a\", value = \"b\", group = \"Not A Name\" }]", "groups[0]"),
        ("groups = [{ claim = \"a\", value = \"b\" }]", "groups[0]"), ("groups = \"web\"", "groups"),
        ("login_from = { claim = 3 }", "login_from"),
        ("login_from = { claim = \"a\", as = \"b\" }", "login_from"),
        ("create = true", "name_from"), ("name_from = { claim = \"a\" }", "name_from"),
        ("create = 1\nname_from = { claim = \"a\" }", "create"), ("keys_kept = 299", "keys_kept"),
    ])
    func `says where a rule is none`(_ lines: String, _ place: String) async throws {
        let ending = try await check(lines)
        #expect(ending.status != 0 && ending.errors.contains("oidc[0].\(place):"), "\(ending.errors)")
    }
}
