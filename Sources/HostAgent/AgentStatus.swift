import HostDocuments
import Posix
package import SSHFormats

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the last round left behind: `status.json`.
struct LastRound: Codable, Hashable, Sendable {
    /// Seconds since 1970.
    let at: UInt64
    let lastContact: UInt64?
    let faults: [Fault]

    static func load(_ folder: AgentFolder) -> LastRound? {
        guard let bytes = try? DurableFile(folder.status).readIfPresent(limit: 1_048_576) else { return nil }
        return try? JSONDecoder().decode(LastRound.self, from: Data(bytes))
    }

    func save(_ folder: AgentFolder) throws(Fault) {
        try AgentJSON.save(self, to: folder.status, mode: 0o600)
    }
}

/// What `reeve-agent status` shows. Times are seconds since 1970.
package struct AgentStatus: Codable, Hashable, Sendable {
    package struct State: Codable, Hashable, Sendable {
        package let epoch: UInt64
        package let version: UInt64
        package let issuedAt: UInt64
        package let notAfter: UInt64
        package let labels: [String]
        /// Fingerprints.
        package let userCAKeys: [String]
        /// Serials, key ids, keys and hashes in the KRL.
        package let krlEntries: UInt64
    }
    package struct HostCertificate: Codable, Hashable, Sendable {
        package let file: String
        package let serial: UInt64
        package let principals: [String]
        package let validAfter: UInt64
        package let validBefore: UInt64
        /// From when on a new one is fetched.
        package let renewAt: UInt64
    }

    package let host: String?
    package let server: String?
    package let state: State?
    package let certificates: [HostCertificate]
    package let dropIn: String
    package let dropInEffective: Bool
    package let lastRound: UInt64?
    package let lastContact: UInt64?
    /// Empty on a host that is right.
    package let faults: [Fault]

    package var json: [UInt8] { (try? AgentJSON.text(self)) ?? [] }
}

extension AgentStatus {
    /// Looks at the host as it is now; what went wrong in the last round stands beside what is wrong now.
    package init(of settings: AgentSettings, at now: UnixTime) {
        let folder = settings.folder
        let round = LastRound.load(folder)
        var faults = round?.faults ?? []
        func note<Value>(_ look: () throws(Fault) -> Value?) -> Value? {
            do { return try look() } catch {
                if !faults.contains(where: { $0.code == error.code }) { faults.append(error) }
                return nil
            }
        }
        let record = note { () throws(Fault) in try EnrolmentRecord.load(folder) }
        let held = note { () throws(Fault) -> VerifiedState? in
            guard let record else { return nil }
            return try StateInstaller(settings: settings, host: record.host, key: try record.stateKey())
                .held()
        }
        let keys = note { () throws(Fault) in try HostKeys.find(SSHD(settings)).usable } ?? []
        let certificates = HostCertificates(folder: folder, host: record?.host ?? "")
        let lines = keys.compactMap { key in certificates.held(for: key).map { (key.file, $0) } }
        let effective: Bool? = note { () throws(Fault) -> Bool? in
            guard record != nil else { return nil }
            let files = lines.map { folder.certificate(ofKeyFile: $0.0) }
            try DropInInstaller(settings).verify(DropIn(settings: settings, certificates: files))
            return true
        }
        if let held, held.state.notAfter <= now.seconds, !faults.contains(where: { $0.code == "state-stale" })
        {
            faults.append(Fault("state-stale", "the state in force ended at \(held.state.notAfter)"))
        }
        host = record?.host
        server = record?.server
        state = held.map { State($0) }
        self.certificates = lines.map { HostCertificate(file: folder.certificate(ofKeyFile: $0.0), $0.1) }
        dropIn = settings.dropIn
        dropInEffective = effective ?? false
        lastRound = round?.at
        lastContact = round?.lastContact
        self.faults = faults
    }
}

extension AgentStatus.State {
    init(_ held: VerifiedState) {
        self.init(
            epoch: held.state.epoch, version: held.state.version, issuedAt: held.state.issuedAt,
            notAfter: held.state.notAfter, labels: held.state.labels,
            userCAKeys: held.state.userCAKeys.map { "\($0.fingerprint)" }, krlEntries: held.krl.entries)
    }
}

extension AgentStatus.HostCertificate {
    init(file: String, _ certificate: Certificate) {
        let renewal = certificate.validity.map { HostCertificates.renewal(of: certificate, $0) }
        self.init(
            file: file, serial: certificate.serial, principals: certificate.principals?.names ?? [],
            validAfter: certificate.validAfter.seconds, validBefore: certificate.validBefore.seconds,
            renewAt: renewal?.seconds ?? 0)
    }
}

extension KRL {
    /// How much it revokes: serials, key ids, keys and hashes of keys.
    var entries: UInt64 {
        let plain = UInt64(keys.count + sha1Hashes.count + fingerprints.count)
        return certificates.values.reduce(plain) { sum, one in
            let (total, overflow) = sum.addingReportingOverflow(one.serials.count)
            return overflow ? .max : total &+ UInt64(one.keyIDs.count)
        }
    }
}
