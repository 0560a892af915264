import HostDocuments
import SSHFormats
import SignerProtocol
import Synchronization

/// The highest (epoch, version) signed for each host. Raised at once, durable before the signatures leave:
/// one write serves all that arrived together.
final class HostStateMemory: Sendable {
    private let file: SealedFile
    private let state: Mutex<State>

    private struct State {
        var highest: [String: Version] = [:]
        var isSaved = true
    }

    private struct Version {
        let epoch: UInt64
        let version: UInt64
    }

    /// Reads the file.
    ///
    /// - Throws: ``VaultError/missing(path:)``, ``VaultError/notOurs(path:)``.
    init(_ file: SealedFile) throws(VaultError) {
        self.file = file
        guard let bytes = try file.read() else { throw .missing(path: file.path) }
        guard let highest = try? Self.decode(bytes) else { throw .notOurs(path: file.path) }
        state = Mutex(State(highest: highest))
    }

    /// Makes the file for hosts of which nothing has been signed.
    static func make(_ file: SealedFile) throws(VaultError) { try file.write(encode([:])) }

    /// Raises the mark of the host; the same version again is allowed. Call ``save()`` before releasing.
    ///
    /// - Throws: ``SignerFault`` with ``SignerFault/Code/staleEpoch``.
    func raise(to document: HostState) throws(SignerFault) {
        let isRaised = state.withLock { state in
            let next = (document.epoch, document.version)
            let last = state.highest[document.host].map { ($0.epoch, $0.version) }
            if let last, next < last { return false }
            guard last.map({ next == $0 }) != true else { return true }
            state.highest[document.host] = Version(epoch: document.epoch, version: document.version)
            state.isSaved = false
            return true
        }
        guard isRaised else {
            throw SignerFault(.staleEpoch, "a newer state of \(document.host) has been signed")
        }
    }

    /// Makes all marks durable.
    ///
    /// - Throws: ``SignerFault`` with ``SignerFault/Code/unavailable``; then nothing raised since may be
    ///   released.
    func save() throws(SignerFault) {
        let isSaved = state.withLock { state in
            guard !state.isSaved else { return true }
            state.isSaved = (try? file.write(Self.encode(state.highest))) != nil
            return state.isSaved
        }
        guard isSaved else { throw SignerFault(.unavailable, "the version could not be remembered") }
    }

    private static func encode(_ highest: [String: Version]) -> [UInt8] {
        var writer = WireWriter(capacity: highest.count * 48 + 4)
        for (host, mark) in highest {
            writer.string(host)
            writer.uint64(mark.epoch)
            writer.uint64(mark.version)
        }
        return writer.bytes
    }

    private static func decode(_ bytes: [UInt8]) throws -> [String: Version] {
        var reader = WireReader(bytes)
        var highest: [String: Version] = [:]
        while !reader.isAtEnd {
            let host = try reader.text(limit: 253)
            highest[host] = Version(epoch: try reader.uint64(), version: try reader.uint64())
        }
        return highest
    }
}
