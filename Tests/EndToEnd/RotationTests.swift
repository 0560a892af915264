import Foundation
import Posix
import SSHFormats
import Testing

/// Two hosts with a real sshd each, and plain ssh to both, whose user CA key is replaced.
private struct RotatingHouse {
    let house: Installation
    let plain: PlainSSH
    let second: EnrolledHost

    init() async throws {
        house = try await Installation()
        plain = try await PlainSSH(
            house, grants: ["{name: staging, who: [boss], to: [label:env=staging], as: [root]}"])
        second = try await EnrolledHost(
            house, name: "web2.example.com", labels: ["env=staging"], login: "root")
        try await renew()
    }

    /// `reeve ca status --json`, of one authority.
    func status(_ authority: String = "user") async throws -> Status.Authority {
        let told = try await house.reeve("ca", "status", "--json")
        guard told.status == 0 else { throw Failure("ca status: \(told.errors)") }
        let all = try JSONDecoder().decode(Status.self, from: Data(told.output.utf8))
        guard let one = all.authorities.first(where: { $0.authority == authority }) else {
            throw Failure("no \(authority) in \(told.output)")
        }
        return one
    }

    struct Status: Decodable {
        struct Authority: Decodable {
            let authority: String
            let keys: [Key]
            let waiting: [Wait]
            let stillTrusting: [Wait]
            var states: [String] { keys.map(\.state) }
        }
        struct Key: Decodable { let fingerprint, state: String }
        struct Wait: Decodable {
            let name: String?
            let words: String
        }
        let authorities: [Authority]
    }

    /// Whether plain ssh gets in at both hosts.
    func getsIn() async throws -> [Bool] {
        let first = try await plain.ssh(["root@web1.example.com", "true"])
        let other = try await plain.ssh(["-p", "\(second.port)", "root@web2.example.com", "true"])
        return [first.status == 0, other.status == 0]
    }

    /// Whether stock ssh gets in at both hosts with the key and certificate of that folder, and nothing of ours beside.
    func getsIn(with kept: String) async throws -> [Bool] {
        var inside: [Bool] = []
        for port in [plain.host.port, second.port] {
            let ending = try await Program.run(
                "/usr/bin/ssh",
                [
                    "-F", "none", "-p", "\(port)", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o",
                    "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o",
                    "IdentityFile=\(kept)/staging+root", "-o",
                    "CertificateFile=\(kept)/staging+root-cert.pub", "root@127.0.0.1", "true",
                ], environment: ["SSH_AUTH_SOCK": ""])
            inside.append(ending.status == 0)
        }
        return inside
    }

    /// Forgets the held certificate and fetches one.
    func renew() async throws {
        try plain.forgetCertificates()
        let fetched = try await house.reeve("login", "--if-needed")
        guard fetched.status == 0 else { throw Failure("login: \(fetched.errors)") }
        _ = try await plain.ssh(["root@web1.example.com", "true"])
    }

    /// The CA key of the certificate that is held.
    func heldBy() throws -> String {
        let path = "\(house.home)/certificates/staging+root-cert.pub"
        return try Certificate(text: try String(contentsOfFile: path, encoding: .utf8)).signatureKey
            .fingerprint.description
    }

    /// Fingerprints of the keys in our `@cert-authority` lines.
    func knownAuthorities() throws -> Set<String> {
        let text = try String(contentsOfFile: "\(house.home)/known_hosts", encoding: .utf8)
        let keys = try text.split(separator: "\n").filter { $0.hasPrefix("@cert-authority") }.map { line in
            try PublicKey(text: line.split(separator: " ").dropFirst(2).joined(separator: " "))
        }
        return Set(keys.map(\.fingerprint.description))
    }

    func hostCertificate(_ host: EnrolledHost) throws -> String {
        let folder = "\(host.folder)/agent/ssh"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        guard let name = names.first(where: { $0.hasSuffix("-cert.pub") }) else {
            throw Failure("no certificate")
        }
        return "\(folder)/\(name)"
    }

    /// The CA key of a host's certificate.
    func signer(of host: EnrolledHost) throws -> String {
        try Certificate(text: try String(contentsOfFile: try hostCertificate(host), encoding: .utf8))
            .signatureKey
            .fingerprint.description
    }

    /// SIGKILL to the server and its signer, then a start.
    func crash() async throws {
        if let signer = house.signerPID { kill(signer, SIGKILL) }
        try await house.killServer()
        try await house.start()
    }
}

@Suite(.servers, .enabled(if: ProcessHardening.isRoot)) struct `A rotation of the user CA` {
    @Test(.timeLimit(.minutes(20)))
    func
        `C15 waits for the host that did not say it knows the key, and no login fails until the old key is refused`()
        async throws
    {
        let all = try await RotatingHouse()
        let (house, old) = (all.house, try all.heldBy())
        await all.second.stopAgent()
        let begun = try await house.reeve("ca", "rotate", "user", "--reason", "every year")
        #expect(begun.status == 0, "\(begun.errors)")
        try await until("web1 knows the new key") {
            try await all.status().waiting.compactMap(\.name) == ["host:web2.example.com"]
        }
        let told = try await house.reeve("ca", "status")
        #expect(told.output.contains("waits: host:web2.example.com "), "\(told.output)")
        #expect(try await house.reeve("ca", "rotate", "user").errors.contains("under way"))

        try await all.crash()
        #expect(try await all.status().states == ["signing", "prepared"])
        #expect(try await all.getsIn() == [true, true])
        try await all.renew()
        #expect(try all.heldBy() == old)
        #expect(try await all.getsIn() == [true, true])

        // The host comes back, and nothing else is waited for.
        #expect(try await all.second.agent("sync").status == 0)
        try await until("the new key signs") {
            try await all.status().states == ["retiring", "signing"]
        }
        try await all.crash()
        #expect(try await all.status().states == ["retiring", "signing"])
        #expect(try await all.getsIn() == [true, true])
        #expect(try all.heldBy() == old)
        let kept = house.scratch.path("kept")
        try FileManager.default.copyItem(atPath: "\(house.home)/certificates", toPath: kept)
        try await all.renew()
        #expect(try all.heldBy() != old)
        #expect(try await all.getsIn() == [true, true])
        #expect(try await all.getsIn(with: kept) == [true, true])

        // As if the last certificate of the old key had ended: one that has not shows that hosts forget the key.
        try await house.killServer()
        try await endRetiringKeys(house)
        try await house.start()
        try await until("the old key is retired") { try await all.status().states == ["retired", "signing"] }
        try await until("web1 distrusts it") {
            try await all.status().stillTrusting.compactMap(\.name) == ["host:web2.example.com"]
        }
        #expect(try await all.second.agent("sync").status == 0)
        try await until("web2 distrusts it") { try await all.status().stillTrusting.isEmpty }
        #expect(try await all.getsIn() == [true, true])
        try await all.crash()
        #expect(try await all.getsIn() == [true, true])
        #expect(try await all.getsIn(with: kept) == [false, false])

        let ledger = house.scratch.path("ledger")
        #expect(try await house.reeve("audit", "export", ledger).status == 0)
        #expect(try await house.reeve("audit", "verify", ledger).status == 0)
    }

    @Test(.timeLimit(.minutes(20)))
    func `by a thief's hands ends at once, in hosts that refuse every certificate of the stolen key`()
        async throws
    {
        let all = try await RotatingHouse()
        let (house, stolen) = (all.house, try all.heldBy())
        let kept = house.scratch.path("kept")
        try FileManager.default.copyItem(atPath: "\(house.home)/certificates", toPath: kept)
        let asked = try await house.reeve(
            "ca", "rotate", "user", "--stolen", "--reason", "laptop of an admin")
        #expect(asked.status == 2 && asked.errors.contains("running user certificates end at once"))
        let done = try await house.reeve(
            "ca", "rotate", "user", "--stolen", "--yes", "--reason", "laptop of an admin")
        #expect(done.status == 0, "\(done.errors)")
        #expect(try await all.status().states == ["retired", "signing"])
        try await until("both hosts distrust it") { try await all.status().stillTrusting.isEmpty }
        try await all.renew()
        #expect(try all.heldBy() != stolen)
        #expect(try await all.getsIn() == [true, true])
        #expect(try await all.getsIn(with: kept) == [false, false])
        // Hosts without the agent learn it from the public list.
        let krl = house.scratch.path("krl")
        #expect(
            try await Program.run("/usr/bin/curl", ["-skf", "-o", krl, "\(house.url)/v1/krl/user"]).status
                == 0)
        let certificate = "\(kept)/staging+root-cert.pub"
        let query = try await Program.run("/usr/bin/ssh-keygen", ["-Q", "-f", krl, certificate])
        #expect(query.status != 0 && query.output.contains("REVOKED"), "\(query.output)")
    }

    @Test(.timeLimit(.minutes(20)))
    func
        `of hosts instead waits for devices that have a certificate, and clients know hosts at every moment`()
        async throws
    {
        let all = try await RotatingHouse()
        let house = all.house
        let begun = try await house.reeve("ca", "rotate", "host")
        #expect(begun.status == 0, "\(begun.errors)")
        let waiting = try await all.status("host").waiting.compactMap(\.name)
        #expect(waiting.count == 1 && waiting[0].hasPrefix("device:boss."), "\(waiting)")
        #expect(try await all.getsIn() == [true, true])
        #expect(try all.knownAuthorities().count == 1)
        // The next fetch brings the line, and the device says so.
        try await all.renew()
        #expect(try all.knownAuthorities().count == 2)
        try await until("the new key signs") {
            try await all.status("host").states == ["retiring", "signing"]
        }
        try FileManager.default.removeItem(atPath: try all.hostCertificate(all.second))
        #expect(try await all.second.agent("sync").status == 0)
        #expect(try all.signer(of: all.second) != all.signer(of: all.plain.host))
        #expect(try await all.getsIn() == [true, true])

        let stolen = try all.signer(of: all.second)
        let done = try await house.reeve("ca", "rotate", "host", "--stolen", "--yes", "--reason", "tape lost")
        #expect(done.status == 0, "\(done.errors)")
        #expect(try await all.status("host").states == ["retiring", "retired", "signing"])
        #expect(try await all.second.agent("sync").status == 0)
        #expect(try all.signer(of: all.second) != stolen)
        try await all.renew()
        #expect(try all.knownAuthorities().contains(stolen) == false)
        #expect(try await all.getsIn() == [true, true])
    }

    private func endRetiringKeys(_ house: Installation) async throws {
        let script = """
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1]) as records:
                records.execute("UPDATE ca_key SET last_expiry = 1 WHERE state = 'retiring'")
            """
        let done = try await Program.run("/usr/bin/python3", ["-c", script, "\(house.data)/keyreeve.db"])
        guard done.status == 0 else { throw Failure("sqlite: \(done.errors)") }
    }
}
