import Diagnosis
import Posix

/// What sshd really uses, for everybody and for those whom a Match block catches, and who else it would let in.
struct SSHDExamination: Sendable {
    /// Most runs of `sshd -T -C`.
    private static let mostRuns = 512
    /// Most names in one sentence.
    private static let mostNames = 5

    private let examination: HostExamination
    private let sshd: SSHD
    private let settings: [SSHDFiles.Setting]

    init(_ examination: HostExamination) {
        self.examination = examination
        sshd = SSHD(examination.settings)
        settings = SSHDFiles.settings(from: examination.settings.sshdConfig)
    }

    var findings: [Finding] {
        let everybody: EffectiveConfiguration
        do throws(Fault) {
            try sshd.test()
            everybody = try sshd.effective()
        } catch {
            return [
                .failure(
                    error.code, error.text,
                    command: examination.remedies.reload.components(before: " && "))
            ]
        }
        let accounts = examination.accounts()
        let general = EffectiveJudgement(everybody, examination, settings).findings
        let tested = self.tested(accounts, everybody)
        var found =
            general.isEmpty ? [Finding.good("sshd-config", "sshd -T shows what reeve-agent wrote")] : general
        found += matchBlocks
        found += differences(tested, from: Set(general))
        if let left = tested.left {
            found.append(
                .note("match-not-all", "\(left) accounts or addresses of Match blocks were not tried"))
        }
        found += AuthorizedKeysExamination(examination).findings(
            of: accounts, everybody, byAccount: Dictionary(grouping: tested.results) { $0.connection.user })
        return found
    }

    /// Match blocks that say something about who gets in: whom they catch no list of accounts can tell.
    private var matchBlocks: [Finding] {
        var criteria = ""
        return settings.compactMap { setting in
            if setting.keyword == "match" { criteria = setting.values.joined(separator: " ") }
            guard setting.conditional, EffectiveJudgement.keywords.contains(setting.keyword) else {
                return nil
            }
            let isOurs = examination.settings.dropIn == setting.file
            guard !isOurs else { return nil }
            return .warning(
                "match-block",
                "\(setting.place) sets \(setting.keyword) to \"\(setting.values.joined(separator: " "))\" for `Match \(criteria)`",
                command: examination.remedies.edit(setting.file, line: setting.line))
        }
    }

    /// What differs for some of them, once for each difference.
    private func differences(_ tested: Tested, from general: Set<Finding>) -> [Finding] {
        var order: [Finding] = []
        var who: [Finding: [String]] = [:]
        for result in tested.results {
            for finding in EffectiveJudgement(result.configuration, examination, settings, conditional: true)
                .findings
            where !general.contains(finding) {
                if who[finding] == nil { order.append(finding) }
                who[finding, default: []].append(
                    "\(result.connection.user) from \(result.connection.address)")
            }
        }
        return order.map { finding in
            let names = who[finding] ?? []
            let more = names.count > Self.mostNames ? " and \(names.count - Self.mostNames) more" : ""
            let shown = names.prefix(Self.mostNames).joined(separator: ", ")
            return Finding(
                finding.severity, finding.code, "for \(shown)\(more): \(finding.text)",
                command: finding.command)
        }
    }

    private struct Tested {
        var results: [(connection: TestedConnection, configuration: EffectiveConfiguration)] = []
        /// How many were left out; nil for none.
        var left: Int?
    }

    /// Asks sshd for each account, from addresses that Match blocks name and from one that none does. Only where there is a
    /// Match block.
    private func tested(_ accounts: [PosixAccount], _ everybody: EffectiveConfiguration) -> Tested {
        guard settings.contains(where: { $0.keyword == "match" }) else { return Tested() }
        let usual = everybody.value("port")
        let addresses = ["192.0.2.1"] + named("address", "host")
        let ports = [usual] + named("localport").filter { $0.allSatisfy(\.isNumber) }
        let connections = accounts.filter { $0.name.utf8.allSatisfy(Self.isPlain) }.flatMap { account in
            addresses.flatMap { address in
                ports.map { TestedConnection(user: account.name, address: address, localPort: $0) }
            }
        }
        var tested = Tested()
        for connection in connections.prefix(Self.mostRuns) {
            guard let configuration = try? sshd.effective(for: connection), configuration != everybody else {
                continue
            }
            tested.results.append((connection, configuration))
        }
        if connections.count > Self.mostRuns { tested.left = connections.count - Self.mostRuns }
        return tested
    }

    /// What Match lines compare these with, as far as it is one value: patterns stand for too many.
    private func named(_ criteria: String...) -> [String] {
        let found = settings.filter { $0.keyword == "match" }.flatMap { setting in
            setting.values.indices.dropLast().filter { criteria.contains(setting.values[$0].lowercased()) }
                .flatMap { setting.values[$0 + 1].split(separator: ",") }
        }
        let values = found.map { String($0.prefix { $0 != "/" }) }.filter {
            !$0.isEmpty && $0.utf8.allSatisfy(Self.isPlain) && !$0.hasPrefix("!")
        }
        return Array(Set(values).sorted().prefix(8))
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        SafePath.isPlain(byte) && byte != UInt8(ascii: "/") || byte == UInt8(ascii: ":")
    }
}

extension String {
    fileprivate func components(before separator: String) -> String {
        firstRange(of: separator).map { String(self[..<$0.lowerBound]) } ?? self
    }
}
