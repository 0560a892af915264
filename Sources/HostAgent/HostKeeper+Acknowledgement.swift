import AuthorityAPI

extension HostKeeper {
    /// Tells the authority what is in force, as it is read back from the disk and verified once more.
    ///
    /// - Parameters:
    ///   - isEnforced: Whether sshd goes by what is installed.
    ///   - faults: What is wrong.
    /// - Returns: Nothing where the authority is older than acknowledgements.
    func acknowledge(isEnforced: Bool, _ faults: [Fault]) async -> [Fault] {
        await attempt { () async throws(Fault) in
            guard let (version, isWhole) = try installed() else { return }
            var ended = EndedSessions.load(settings.folder)
            repeat {
                let (told, rest) = ended.next
                let request = HostAcknowledgementRequest(
                    epoch: version.epoch, version: version.version, issuedAt: version.issuedAt,
                    enforced: isEnforced && isWhole, faults: Self.codes(of: faults),
                    ended: told.isEmpty ? nil : told)
                do throws(AuthorityFault) { _ = try await port.acknowledge(request) } catch {
                    if case .refused(let problem) = error, problem.status == 404 { return }
                    throw error.fault
                }
                ended = rest
                if !told.isEmpty { try ended.save(settings.folder) }
            } while !ended.sessions.isEmpty
        }
    }

    /// Where the set in force is damaged, the newest one ever accepted, which then nobody goes by.
    private func installed() throws(Fault) -> (StateVersion, isWhole: Bool)? {
        let held = try? installer().held()
        if let held { return (held.version, true) }
        return try HighWater.load(settings.folder, key: try record.stateKey()).map { ($0, false) }
    }

    /// As many as are taken, each once.
    private static func codes(of faults: [Fault]) -> [String] {
        var codes: [String] = []
        for fault in faults where codes.count < 32 && fault.code.utf8.count <= 40 {
            if !codes.contains(fault.code) { codes.append(fault.code) }
        }
        return codes
    }
}
