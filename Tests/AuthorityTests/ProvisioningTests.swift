import Authority
import Names
import SSHFormats
import TestKit
import Testing

@Suite struct `A provisioner` {
    /// `corp`, whose `externalId` is the `sub` of a provider, with its token.
    private func house() async throws -> (TestHouse, ProvisioningCaller, token: String) {
        let (house, _) = try await TestHouse.withHost()
        let ada = try await house.requester("ada")
        let made = try await house.authority.provisioners.makeToken(
            for: try Name("corp"), provider: "corp", days: 30, by: ada, once: .unclaimed)
        let token = made.value.secret.withExposed { $0 }
        return (house, try await caller(house, token), token)
    }

    private func caller(_ house: TestHouse, _ token: String) async throws -> ProvisioningCaller {
        try await house.authority.provisioning.authenticate(
            token: token, source: "192.0.2.44", requestID: "request-9")
    }

    private func add(
        _ userName: String, _ externalId: String? = nil, _ house: TestHouse, _ corp: ProvisioningCaller
    ) async throws -> ProvisionedPerson {
        try await house.authority.provisioning.add(
            PersonDraft(userName: userName, externalId: externalId), by: corp
        ).value
    }

    private func change(
        _ person: ProvisionedPerson, _ house: TestHouse, _ corp: ProvisioningCaller,
        _ change: (inout PersonDraft) -> Void
    ) async throws -> ProvisionedPerson {
        var draft = person.draft
        change(&draft)
        return try await house.authority.provisioning.change(person.id, to: draft, since: nil, by: corp).value
    }

    @Test func `is made by an admin with its first token, which ends`() async throws {
        let (house, corp, token) = try await house()
        #expect(corp.provisioner.issuer == PlayedUpstream.issuer)
        #expect(await house.store.identity(corp.provisioner.id)?.owner == (try IdentityID("ada")))
        for name in ["hal", "erin", "audrey", "alice"] {
            let other = try await house.requester(name)
            #expect(
                await refusal {
                    try await house.authority.provisioners.makeToken(
                        for: try Name("corp"), provider: nil, days: 1, by: other, once: .unclaimed)
                } == .adminRequired)
        }
        let stale = try await house.requester("ada", signedIn: 901)
        #expect(
            await refusal {
                try await house.authority.provisioners.endTokens(
                    of: try Name("corp"), id: nil, by: stale, once: .unclaimed)
            } == .factorTooOld)
        house.clock.step(30 * 86_400)
        _ = try await caller(house, token)
        house.clock.step(1)
        #expect(await refusal { try await caller(house, token) } == .notSignedIn)
    }

    @Test func `makes persons by a rule of names, and tells of it`() async throws {
        let (house, corp, _) = try await house()
        let dana = try await add("Dana.Ray@example.com", "d-1", house, corp)
        #expect(dana.identity.id == (try IdentityID("dana.ray")))
        #expect(dana.identity.attributes.login?.text == "dana.ray")
        #expect(dana.identity.attributes.loginBy == .provider)
        let account = UpstreamSubject(issuer: PlayedUpstream.issuer, subject: "d-1")
        #expect(await house.store.upstreamLink(account)?.person == dana.identity.id)
        let event = try #require(await house.store.events.last)
        #expect(event.action == .identityAdded && event.actor == corp.provisioner.id)
        #expect(event.details["userName"] == .text("Dana.Ray@example.com"))

        #expect(await refusal { try await add("DANA.RAY@EXAMPLE.COM", nil, house, corp) } == .alreadyExists)
        #expect(await refusal { try await add("dana.ray@other.org", nil, house, corp) } == .alreadyExists)
        #expect(await refusal { try await add("dana ray", nil, house, corp) } == .badName)
        let long = "dana@" + String(repeating: "é", count: 252)
        #expect(await refusal { try await add(long, nil, house, corp) } == .badRequest)
        let longID = String(repeating: "x", count: 256)
        #expect(await refusal { try await add("gus", longID, house, corp) } == .badRequest)
        #expect(await refusal { try await add("fay", "d-1", house, corp) } == .alreadyExists)
        try await house.add("carol")
        #expect(await refusal { try await add("carol", nil, house, corp) } == .alreadyExists)
        for name in ["ada", "abel", "hal", "erin", "audrey"] {
            #expect(await refusal { try await add("\(name)@corp", nil, house, corp) } != nil, "\(name)")
            #expect(await house.store.provisioned(try IdentityID(name)) == nil)
        }
        let root = try await add("root", nil, house, corp)
        #expect(root.identity.attributes.login == nil)
    }

    @Test func `ends a leaver's sessions and certificates in the way that a helpdesk does`() async throws {
        let (house, corp, _) = try await house()
        let alice = try await house.requester("alice")
        let given = try await house.authority.provisioners.give(
            alice.identity.id, to: try Name("corp"), userName: "alice@example.com",
            by: try await house.requester("ada"), once: .unclaimed
        ).value
        let session = try #require(alice.session)
        _ = try await house.store.record(
            Entry([.sessionStarted(session, tokenHash: [1])], event: nil))
        let issued = try await house.authority.issuance.issue(
            try house.wish(), by: alice, once: .unclaimed
        ).value
        let version = await house.store.hostStateVersion()
        let off = try await change(given, house, corp) { $0.isActive = false }
        #expect(off.identity.status == .suspended && off.identity.statusBy == corp.provisioner.id)
        #expect(await house.store.session(tokenHash: [1])?.session.endedAt != nil)
        #expect(await house.store.hostStateVersion() > version)
        let serial = issued.certificate.serial
        #expect(try await house.store.revoked(.user, at: house.clock.now).serials == [serial...serial])
        #expect(await house.store.events.last?.action == .identitySuspended)
        // Said again, nothing happens.
        let count = await house.store.events.count
        let same = try await house.authority.provisioning.change(
            off.id, to: off.draft, since: off.version, by: corp)
        #expect(await house.store.events.count == count && same.receipt == nil)

        let on = try await change(off, house, corp) { $0.isActive = true }
        #expect(on.identity.status == .active)
        // What hal suspends, hal resumes.
        let hal = try await house.requester("hal")
        _ = try await house.authority.administration.setStatus(
            alice.identity.id, .suspended, reason: "", by: hal, once: .unclaimed)
        let pushed = try await change(on, house, corp) { $0.profile.displayName = "Alice" }
        #expect(pushed.identity.status == .suspended && pushed.isActive == false)
        let off2 = try await change(pushed, house, corp) { $0.isActive = false }
        #expect(
            await refusal { try await change(off2, house, corp) { $0.isActive = true } } == .adminRequired)
    }

    @Test func `does not put out the last admin, nor links an account with one`() async throws {
        let (house, corp, _) = try await house()
        let ada = try await house.requester("ada")
        let given = try await house.authority.provisioners.give(
            ada.identity.id, to: try Name("corp"), userName: "ada", by: ada, once: .unclaimed
        ).value
        #expect(await refusal { try await change(given, house, corp) { $0.isActive = false } } == .lastAdmin)
        #expect(
            await refusal {
                try await house.authority.provisioning.remove(given.id, since: nil, by: corp)
            } == .lastAdmin)
        _ = try await change(given, house, corp) { $0.externalId = "ada-1" }
        #expect(await house.store.upstreamLinks(of: ada.identity.id).isEmpty)
        try await house.add("abel")
        let off = try await change(given, house, corp) { $0.isActive = false }
        #expect(off.identity.status == .suspended)
    }

    @Test func `gives a name that was given before to nobody`() async throws {
        let (house, corp, _) = try await house()
        let first = try await add("dana", "d-1", house, corp)
        _ = try await house.authority.provisioning.remove(first.id, since: nil, by: corp)
        #expect(await house.store.identity(first.identity.id)?.status == .retired)
        #expect(await house.store.upstreamLinks(of: first.identity.id).isEmpty)
        let second = try await add("dana", "d-1", house, corp)
        #expect(second.identity.id.name.text == "dana.2")
        #expect(second.identity.attributes.login?.text == "dana.2", "the other may have left files")
        let account = UpstreamSubject(issuer: PlayedUpstream.issuer, subject: "d-1")
        #expect(await house.store.upstreamLink(account)?.person == second.identity.id)
        // Whom an admin retired is nobody's namesake.
        _ = try await house.authority.administration.setStatus(
            try #require(await house.store.provisioned(second.identity.id)).identity.id, .retired, reason: "",
            by: try await house.requester("ada"), once: .unclaimed)
        _ = try await house.authority.provisioning.remove(second.id, since: nil, by: corp)
        #expect(await refusal { try await add("dana", nil, house, corp) } == .alreadyExists)
    }

    @Test func `gives no login that somebody had, nor one of a system`() async throws {
        let (house, corp, _) = try await house()
        let ada = try await house.requester("ada")
        var attributes = IdentityAttributes()
        attributes.login = try Login("cj")
        let carol = try await house.authority.administration.add(
            try IdentityID("carol"), attributes, by: ada, once: .unclaimed
        ).value.identity
        _ = try await house.authority.administration.setStatus(
            carol.id, .retired, reason: "", by: ada, once: .unclaimed)
        #expect(await refusal { try await add("cj@example.com", nil, house, corp) } == .alreadyExists)
        for name in ["root", "ubuntu", "postgres", "reeve-agent"] {
            #expect(try await add(name, nil, house, corp).identity.attributes.login == nil, "\(name)")
        }
        #expect(try await add("reeves", nil, house, corp).identity.attributes.login?.text == "reeves")
    }

    @Test func `does not unlink an admin`() async throws {
        let (house, corp, _) = try await house()
        let ada = try await house.requester("ada")
        let given = try await house.authority.provisioners.give(
            ada.identity.id, to: try Name("corp"), userName: "ada", by: ada, once: .unclaimed
        ).value
        let meant = try await change(given, house, corp) { $0.externalId = "ada-1" }
        let account = UpstreamSubject(issuer: PlayedUpstream.issuer, subject: "ada-1")
        let link = UpstreamLink(account: account, person: ada.identity.id, linkedAt: house.clock.now)
        _ = try await house.store.record(Entry([.upstreamLinked(link)], event: nil))
        _ = try await change(meant, house, corp) { $0.externalId = nil }
        #expect(await house.store.upstreamLink(account)?.person == ada.identity.id)
    }

    @Test func `unlinks the account that is no longer meant, and ends what it began`() async throws {
        let (house, corp, _) = try await house()
        let dana = try await add("dana", "d-1", house, corp)
        let moved = try await change(dana, house, corp) { $0.externalId = "d-2" }
        #expect(await house.store.upstreamLinks(of: dana.identity.id).map(\.account.subject) == ["d-2"])
        _ = try await change(moved, house, corp) { $0.externalId = nil }
        #expect(await house.store.upstreamLinks(of: dana.identity.id).isEmpty)
    }

    @Test func `says who is in which groups, of its own persons`() async throws {
        let (house, corp, _) = try await house()
        let (dana, fay) = (try await add("dana", nil, house, corp), try await add("fay", nil, house, corp))
        let desk = house.authority.groupProvisioning
        let web = try await desk.add(
            GroupDraft(displayName: "Web Team", members: [dana.id, fay.id]), by: corp
        ).value
        let ops = try await desk.add(GroupDraft(displayName: "ops", members: [dana.id]), by: corp).value
        func groups(_ person: ProvisionedPerson) async -> [String] {
            (await house.store.identity(person.identity.id)?.groups ?? []).map(\.text).sorted()
        }
        #expect(await groups(dana) == ["ops", "web-team"])
        #expect(
            await refusal { try await desk.add(GroupDraft(displayName: "OPS"), by: corp) } == .alreadyExists)
        #expect(await refusal { try await desk.add(GroupDraft(displayName: "ö"), by: corp) } == .badName)
        #expect(
            await refusal {
                try await desk.change(web.id, to: GroupDraft(displayName: "x"), since: 7, by: corp)
            } == .resourceMoved)
        _ = try await desk.change(
            web.id, to: GroupDraft(displayName: "Net", members: [fay.id]), since: 1, by: corp)
        #expect(await groups(dana) == ["ops"])
        #expect(await groups(fay) == ["net"])
        _ = try await desk.remove(ops.id, since: nil, by: corp)
        #expect(await groups(dana) == [])
        _ = try await house.authority.provisioning.remove(fay.id, since: nil, by: corp)
        #expect(await groups(fay) == [])
        let left = try await desk.groups(.id(web.id), by: corp).first
        #expect(left?.draft.members == [])
    }
}
