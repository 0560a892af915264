import SSHFormats

/// What an enrolment remembers between its two requests; sealed, with the caller.
struct EnrolmentState: Sendable {
    private static let context = "enrolment"
    /// Seconds from the beginning to the end of an enrolment.
    static let longest: UInt64 = 900

    let linkHash: [UInt8]
    let key: Fingerprint
    let begunAt: UnixTime
    let extra: [UInt8]

    init(linkHash: [UInt8], key: Fingerprint, begunAt: UnixTime, extra: [UInt8]) {
        self.linkHash = linkHash
        self.key = key
        self.begunAt = begunAt
        self.extra = extra
    }

    func sealed(by sealing: any SecretSealing) throws(AuthorityError) -> String {
        var writer = WireWriter()
        writer.string(linkHash)
        writer.string(key.description)
        writer.uint64(begunAt.seconds)
        writer.string(extra)
        do {
            return Hexadecimal.text(try sealing.seal(writer.bytes, context: EnrolmentState.context))
        } catch {
            throw .sealing(error)
        }
    }

    /// - Throws: `.refused(.linkInvalid)` unless it is whole, not too old, of this token and of this key.
    init(
        _ text: String, token: String, key: PublicKey, sealing: any SecretSealing, at now: UnixTime
    ) throws(AuthorityError) {
        guard let sealed = Hexadecimal.bytes(text),
            let plain = try? sealing.open(sealed, context: EnrolmentState.context),
            let state = EnrolmentState(plain), state.linkHash == TokenHash.of(token),
            state.key == key.fingerprint, now < state.begunAt.advanced(by: Int64(EnrolmentState.longest))
        else { throw .refused(.linkInvalid) }
        self = state
    }

    private init?(_ bytes: [UInt8]) {
        var reader = WireReader(bytes)
        guard let hash = try? reader.string(limit: 32), let text = try? reader.text(limit: 128),
            let key = try? Fingerprint(text: text), let seconds = try? reader.uint64(),
            let extra = try? reader.string(limit: 64), (try? reader.end()) != nil
        else { return nil }
        self.init(linkHash: Array(hash), key: key, begunAt: UnixTime(seconds), extra: Array(extra))
    }
}
