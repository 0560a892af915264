import Authority
import Crypto
import Records
import SSHFormats
import Signers

/// Finds out, before anything is served, whether folder, database and signer are those of one installation.
struct Belonging: Sendable {
    private static let context = "installation"
    private static let text = Array("keyreeve".utf8)

    let records: Records
    let folder: DataFolder
    /// What the database is called in sentences.
    let database: String

    /// Compares the key and the origin with those of the first start, and keeps them at that start.
    ///
    /// - Parameter configured: The origin that the configuration names; nil where it names none.
    /// - Throws: ``StartFault`` that names the file or the setting which is not the one it was.
    func check(_ sealing: SealedSecrets, origin: String, configured: String?) async throws {
        let kept = try await records.keepsake()
        try check(sealing, kept)
        guard try await isOrigin(origin, kept) else { throw Self.otherOrigin(origin, folder, database) }
        if let configured, configured != origin {
            throw StartFault(
                "server.origin is \(configured), but this ledger began as \(origin) and keeps that for ever",
                advice: "Take server.origin out of the configuration; server.name may change.")
        }
        guard kept.origin == nil || kept.sealCheck == nil else { return }
        try await records.keep(
            origin: origin, sealCheck: try sealing.seal(Self.text, context: Self.context))
        // Another node may have been first.
        try check(sealing, try await records.keepsake())
    }

    private func check(_ sealing: SealedSecrets, _ kept: Keepsake) throws {
        if let fault = Self.fault(of: sealing, kept, folder, database) { throw fault }
    }

    /// Why the database was begun with another key than this; nil where it was not, or nothing is kept yet.
    static func fault(
        of sealing: SealedSecrets, _ kept: Keepsake, _ folder: DataFolder, _ database: String
    ) -> StartFault? {
        guard let sealed = kept.sealCheck, (try? sealing.open(sealed, context: context)) != text
        else {
            return nil
        }
        return StartFault(
            "\(folder.sealingKey) is not the key that sealed the secrets in \(database)",
            advice:
                "Restore the one that was there, or both from the same backup; or copy it from another node.")
    }

    static func otherOrigin(_ origin: String, _ folder: DataFolder, _ database: String) -> StartFault {
        StartFault(
            "\(folder.origin) says \(origin), but the ledger in \(database) began under another name",
            advice: "Restore the file from a backup: a ledger keeps its origin for ever.")
    }

    /// That the signer holds the keys that the database was begun with: its certificates would be another authority's.
    func check(_ keys: [SigningRole: PublicKey]) async throws {
        // CA keys rotate: once the database has its own list of them, the authority compares it with the signer's.
        let isBegun = try await !records.caKeySets().keys.isEmpty
        let lasting = Self.lastingMark(of: keys)
        let isSame =
            if isBegun { true } else { try await records.agrees(on: "keys", Self.mark(of: keys)) }
        if isSame, try await records.agrees(on: "lasting keys", lasting) { return }
        throw StartFault(
            "\(database) belongs to an installation with other keys than the signer's",
            advice:
                "Name the signer of that installation (Docs/CLUSTER.md), or restore its folder from a backup."
        )
    }

    /// What the database keeps of the keys that do not rotate.
    static func lastingMark(of keys: [SigningRole: PublicKey]) -> UInt64 {
        mark(of: keys.filter { $0.key != .userCA && $0.key != .hostCA })
    }

    /// What it keeps of all keys that it began with.
    private static func mark(of keys: [SigningRole: PublicKey]) -> UInt64 {
        let blobs = keys.values.map(\.blob).sorted { $0.lexicographicallyPrecedes($1) }
        return SHA256.hash(data: blobs.flatMap(\.self)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// That the signer has signed no ledger but this one: a database from a backup lacks what was signed since.
    ///
    /// - Throws: ``StartFault`` that names the command which takes a backup into use.
    func check(_ signer: SignerConnection, isFirstStart: Bool) async throws {
        let signed = try await signer.checkpointHead()
        if isFirstStart, signed.size > 0 {
            throw StartFault(
                "\(database) is empty although the signer has signed a ledger",
                advice: "Restore the database from a backup, or start on an empty folder.")
        }
        let size = try await records.treeSize()
        if signed.size <= size, try await records.root(size: signed.size) == signed.root { return }
        throw StartFault(
            """
            \(database) is not the newest: the signer has signed a ledger of \(signed.size) events that does \
            not go over into this one of \(size)
            """,
            advice: """
                Restore the newest database. If this is the newest backup that there is, run \
                `reeved restore --data \(folder.path)`.
                """)
    }

    /// A database of version 0.1 says it in its first event alone.
    private func isOrigin(_ origin: String, _ kept: Keepsake) async throws -> Bool {
        if let known = kept.origin { return known == origin }
        guard let first = try await records.leaves(from: 0, limit: 1).first else { return true }
        return String(decoding: first.bytes, as: UTF8.self).contains("\"origin\":\"\(origin)\"")
    }
}
