import AuthorityAPI
package import Names
import Posix
import SSHFormats

/// Makes this host one of an authority's: proves its host keys and pins the authority's keys.
package struct Enrolment: Sendable {
    private let settings: AgentSettings
    private var folder: AgentFolder { settings.folder }

    package init(_ settings: AgentSettings) { self.settings = settings }

    /// What must hold before the link is used up: safe paths, at least one host key, sshd that understands its
    /// configuration. Makes the agent's folder.
    ///
    /// - Throws: ``Fault``.
    package func prepare() throws(Fault) -> HostKeys {
        do { try FileTree.make(folder.path) } catch { throw Fault("file", "\(error)") }
        try SafePath.check(settings.data)
        try PrincipalsProgram.check(settings.program)
        let keys = try HostKeys.find(SSHD(settings))
        guard !keys.usable.isEmpty else {
            throw Fault(
                "host-key", "no host key can be certified: " + keys.notes.map(\.text).joined(separator: "; "))
        }
        return keys
    }

    /// Redeems the link. The same link may be tried again with the same agent key when an answer was lost.
    ///
    /// - Parameters:
    ///   - server: `https://HOST:PORT`, and `tlsRoot`, the root (PEM) that the link's pin names; nil for the system's.
    ///   - servers: All servers, where they were chosen; nil takes those that the authority names.
    ///   - keys: From ``prepare()``.
    /// - Throws: ``Fault``; then nothing is pinned.
    package func enrol(
        _ token: Secret<String>, server: String, servers: [String]? = nil, tlsRoot: String?,
        keys: HostKeys, with port: any AuthorityPort
    ) async throws(Fault) -> EnrolmentRecord {
        let reply: EnrolHostReply
        do throws(AuthorityFault) {
            let first = try await port.enrol(token)
            let proofs = try Self.proofs(of: keys, for: first)
            reply = try await port.enrolHost(
                EnrolHostRequest(
                    token: token.withExposed { $0 }, enrolment: first.enrolment, hostKeys: proofs))
        } catch {
            throw error.fault
        }
        let record = EnrolmentRecord(
            server: server, servers: servers, tlsRoot: tlsRoot, host: try Self.name(reply.host),
            hostStateKey: reply.authority.hostStateKey,
            hostCAKeys: reply.authority.hostCAKeys)
        _ = try record.stateKey()
        // What another authority named must not outlive it.
        do { try DurableFile(folder.servers).remove() } catch { throw Fault("file", "\(error)") }
        try record.save(folder)
        return record
    }

    private static func proofs(
        of keys: HostKeys, for reply: EnrolReply
    ) throws(AuthorityFault) -> [EnrolHostRequest.HostKey] {
        guard reply.needs == .hostKeys, let challenge = reply.challenge.flatMap(bytes(hexadecimal:)) else {
            throw .unreachable("this link is not for a host, or the server sent no challenge of 32 bytes")
        }
        do throws(Fault) {
            var proofs: [EnrolHostRequest.HostKey] = []
            for key in keys.usable { proofs.append(try key.proof(of: challenge)) }
            return proofs
        } catch {
            throw .unreachable(error.text)
        }
    }

    private static func name(_ text: String) throws(Fault) -> String {
        do { return try Name(host: text).text } catch {
            throw Fault("enrolment-damaged", "the server gave this host a name that is none: it \(error)")
        }
    }

    /// 32 bytes, or nil.
    private static func bytes(hexadecimal text: String) -> [UInt8]? {
        guard text.utf8.count == 64 else { return nil }
        var digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }.makeIterator()
        var bytes: [UInt8] = []
        while let high = digits.next(), let low = digits.next() {
            bytes.append(UInt8(truncatingIfNeeded: high << 4 | low))
        }
        return bytes.count == 32 ? bytes : nil
    }
}
