package import SSHFormats

/// Replies that were given before, for requests that come again.
package struct Idempotency: Sendable {
    static let context = "reply"
    let journal: any Journal
    let sealing: any SecretSealing
    let world: World

    /// - Throws: `.replayed` if this request was answered before, `.refused(.idempotencyMismatch)` if its key was
    ///   used for another body.
    package func remembered(_ claim: IdempotencyClaim) async throws(AuthorityError) {
        let found: RememberedReply?
        do { found = try await journal.remembered(claim, at: world.now()) } catch { throw .store(error) }
        guard let found else { return }
        guard found.bodyHash == claim.bodyHash else { throw .refused(.idempotencyMismatch) }
        throw .replayed(found)
    }

    /// Takes for good what may be used once, whichever node it is shown to.
    ///
    /// - Parameter hash: Of the thing, with what it belongs to.
    /// - Parameter end: When it would count for nothing anyway.
    /// - Returns: Whether it was free.
    package func take(_ hash: [UInt8], until end: UnixTime) async throws(AuthorityError) -> Bool {
        let claim = IdempotencyClaim(scopeHash: hash, bodyHash: [], notAfter: end)
        do {
            _ = try await journal.record(Entry([], event: nil, claim: claim))
            return true
        } catch .conflict(.claimed(_)) {
            return false
        } catch {
            throw .store(error)
        }
    }

    /// The reply's bytes as they were sent.
    package func open(_ reply: RememberedReply) throws(AuthorityError) -> [UInt8] {
        do { return try sealing.open(reply.reply, context: Idempotency.context) } catch {
            throw .sealing(error)
        }
    }
}
