import Names
import SSHFormats

/// Keeps persons' logins as their provider says them, where the configuration lets it.
struct UpstreamLogins: Sendable {
    let directory: any Directory
    let turns: Turns
    let recorder: Recorder

    /// A login that is another person's, or that may be nobody's, is none: `$self` then means no one.
    func follow(
        _ vouched: VouchedLogin, of person: IdentityID, issuer: String, requestID: String, source: String
    ) async throws(AuthorityError) {
        let wanted: Login?
        switch vouched {
        case .unsaid: return
        case .none: wanted = nil
        case .named(let login): wanted = login.isOfSystem ? nil : login
        }
        guard let held = try await identity(person), held.attributes.login != wanted else { return }
        try await turns.take { (unmoved) async throws(AuthorityError) in
            guard var identity = try await identity(person) else { return }
            let next: Login? =
                if let wanted, try await !isOthers(wanted, than: person) { wanted } else { nil }
            guard identity.attributes.login != next else { return }
            identity.attributes.login = next
            identity.attributes.loginBy = .provider
            let event = Event(
                time: recorder.world.now(), action: .identityChanged, actor: nil,
                subject: person.description, requestID: requestID, source: source,
                details: ["issuer": .text(issuer), "login": .text(next?.text ?? "")])
            do throws(StoreError) {
                _ = try await recorder.journal.record(
                    Entry([unmoved, .identityChanged(identity)], event: event))
            } catch {
                throw .store(error)
            }
        }
    }

    /// Of whatever status: a login that somebody left behind may still own files.
    private func isOthers(_ login: Login, than person: IdentityID) async throws(AuthorityError) -> Bool {
        var last: Name?
        while true {
            let page: [Identity]
            do { page = try await directory.identities(.person, after: last, limit: 500) } catch {
                throw .store(error)
            }
            if page.contains(where: { $0.id != person && $0.attributes.login == login }) { return true }
            guard page.count == 500, let next = page.last?.id.name else { return false }
            last = next
        }
    }

    private func identity(_ id: IdentityID) async throws(AuthorityError) -> Identity? {
        do { return try await directory.identity(id) } catch { throw .store(error) }
    }
}
