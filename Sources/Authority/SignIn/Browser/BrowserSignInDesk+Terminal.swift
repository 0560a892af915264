package import Names
import SSHFormats

extension BrowserSignInDesk {
    /// The answer by which a terminal asks for it: what it calls itself.
    package static let answer = "headless"
    /// The answer while it waits.
    private static let step = "browser"

    /// Begins to wait for a browser. Nobody is asked anything before the code was typed in one.
    ///
    /// - Parameter client: 1 to 64 letters, digits and `._:@/()-` or spaces.
    package func ask(
        _ provider: Name, client: String, _ about: ConversationFacts
    ) async throws(AuthorityError) -> Asked {
        guard Self.isName(client) else {
            throw .refused(
                .badRequest, "\(Self.answer): what asks, in 1 to 64 ASCII letters, digits, spaces or ._:@/()-"
            )
        }
        let world = recorder.world
        let signIn = BrowserSignIn(
            id: Base32.text(world.random(10)), code: BrowserCode.draw(world.random), provider: provider,
            key: about.key, source: about.source, client: client, askedAt: world.now(),
            notAfter: about.startedAt.advanced(by: Int64(SignInConversation.longest)))
        do {
            _ = try await recorder.journal.record(
                Entry([.browserSignInAsked(signIn, most: Self.most)], event: nil))
        } catch .conflict(.tooMany) {
            throw .refused(.busy, "too many sign-ins wait for a browser")
        } catch {
            throw .store(error)
        }
        _ = pace.take(signIn.id, at: world.now())
        return asked(signIn)
    }

    /// Whether this is memory of ``ask(_:client:_:)``.
    package static func isMemory(_ memory: [UInt8]) -> Bool { id(in: memory) != nil }

    /// What has come of it.
    ///
    /// - Parameter factor: For the ledger: `oidc:corp`.
    /// - Throws: `.refused(.slowDown)` for who asks more often than told.
    package func look(
        _ memory: [UInt8], factor: String, _ about: ConversationFacts
    ) async throws(AuthorityError) -> Turn {
        guard let id = Self.id(in: memory) else { throw .refused(.conversationOver) }
        guard pace.take(id, at: recorder.world.now()) else { throw .refused(.slowDown) }
        let found: BrowserSignIn?
        do { found = try await signIns.browserSignIn(id: id) } catch { throw .store(error) }
        guard let found, found.key == about.key else { return .failed(reason: "not-approved") }
        switch found.decision {
        case nil:
            guard recorder.world.now() < found.notAfter else { return .failed(reason: "not-approved") }
            return .ask(asked(found))
        case .denied: return .failed(reason: "denied")
        case .used: return .failed(reason: "used")
        case .approved:
            guard let sealed = found.arrival,
                let plain = try? recorder.sealing.open(sealed, context: found.context),
                let arrival = UpstreamArrival(plain)
            else { return .failed(reason: "unreadable") }
            let used = found.next {
                $0.decision = .used
                $0.arrival = nil
            }
            let turn = try await arrivals.turn(arrival, factor: factor, about)
            guard case .proven(let person, let facts) = turn else { return turn }
            return .proven(person, facts: facts + [.browserSignInMoved(used)])
        }
    }

    private func asked(_ signIn: BrowserSignIn) -> Asked {
        var prompt = Prompt(
            .wait, Self.step,
            "Open the address in any browser and type the code there, which nobody else needs")
        prompt.url = "\(site)/sign-in?request=\(signIn.id)"
        prompt.code = BrowserCode.shown(signIn.code)
        prompt.seconds = PollPace.told
        var memory = WireWriter()
        memory.string(Self.answer)
        memory.string(signIn.id)
        return Asked([prompt], memory: memory.bytes)
    }

    private static func id(in memory: [UInt8]) -> String? {
        var reader = WireReader(memory)
        guard (try? reader.text(limit: 16)) == answer, let id = try? reader.text(limit: 64),
            (try? reader.end()) != nil
        else { return nil }
        return id
    }

    private static func isName(_ client: String) -> Bool {
        let marks = Set(" ._:@/()-".utf8)
        return (1...64).contains(client.utf8.count)
            && client.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                    || marks.contains($0)
            }
    }
}
