import AuthorityAPI
import AuthorityClient
import Foundation
import Posix
import SSHFormats
import Testing

/// What stands open where nobody has configured anything.
@Suite(.servers) struct `A house that nobody has configured` {
    @Test func `Y06 has no password, no open admin and nothing in clear`() async throws {
        let house = try await Installation()
        let plain = try await Program.run(
            "/usr/bin/curl", ["-s", "-m", "5", "http://localhost:\(house.port)/livez"])
        #expect(plain.status != 0, "HTTP without TLS is not answered")
        for route in Route.allCases where route.access != .anyone {
            let status = try await status(route, house)
            #expect(["400", "401", "403"].contains(status), "\(route.rawValue): \(status)")
        }
        let link = try FileManager.default.attributesOfItem(atPath: "\(house.data)/first-admin-link")
        #expect(link[.posixPermissions] as? Int == 0o600)
        #expect(!house.scratch.text("log").contains("#"), "the link is not in the log")
        for name in ["admin", "root", "boss"] {
            let answers = try house.scratch.write("password=\(name)\ntotp=000000\n", to: "\(name).guess")
            let guess = try await house.reeve("login", "--answers-file", answers)
            #expect(guess.status != 0)
        }
    }

    @Test func `Y06 gives certificates without agent forwarding, and has no device flow`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let connection = try house.connection()
        let key = try PrivateKey.generate(.ed25519).publicKey.text()
        let request = CertificateRequest(publicKey: key, to: nil, as: "boss", grant: "first-hosts")
        let (reply, _) = try await connection.call(.certificates, body: request, as: CertificateReply.self)
        await connection.close()
        let extensions = try Certificate(text: reply.certificate).extensions
        #expect(!extensions.permitAgentForwarding && !extensions.permitX11Forwarding)
        #expect(!extensions.permitPortForwarding && !extensions.noTouchRequired)
        for path in ["/device", "/v1/device", "/device_authorization", "/oauth/device", "/admin", "/"] {
            let found = try await Program.run(
                "/usr/bin/curl",
                ["-sk", "-o", "/dev/null", "-w", "%{http_code}", "-d", "", "\(house.url)\(path)"])
            #expect(found.output == "404", "\(path): \(found.output)")
        }
        // Devices are looked at and ended by whoever is signed in; nothing of them leads to a session.
        #expect(Route.allCases.allSatisfy { !$0.path.contains("device") || $0.access == .session })
        let defaults = try await Program.run("reeved", ["config"])
        #expect(defaults.status == 0 && defaults.output.contains("listen = \"127.0.0.1:8443\""))
    }

    /// Y07: a trap ends the process (SIGABRT, SIGILL); whoever watches it starts it again. What was under way is not
    /// answered, and nothing that needs a proof is ever answered without one.
    @Test(.timeLimit(.minutes(20)))
    func `Y07 that crashes at any route comes back, and is never open meanwhile`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        for (number, route) in Route.allCases.enumerated() {
            let crash = number.isMultiple(of: 2) ? SIGABRT : SIGILL
            async let answers = withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<4 { group.addTask { try await self.status(route, house) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            kill(house.serverPID, crash)
            for status in try await answers where route.access != .anyone {
                #expect(["000", "400", "401", "403"].contains(status), "\(route.rawValue): \(status)")
            }
            try await until("it has ended") { !house.isRunning }
            try await house.start()
            if route.access != .anyone {
                let status = try await status(route, house)
                #expect(["400", "401", "403"].contains(status), "\(route.rawValue): \(status)")
            }
        }
        #expect(try await house.reeve("whoami").status == 0)
        let export = house.scratch.path("export")
        #expect(try await house.reeve("audit", "export", export).status == 0)
        #expect(try await house.reeve("audit", "verify", export).status == 0)
    }

    /// What a stranger is answered; `000` for nothing.
    private func status(_ route: Route, _ house: Installation) async throws -> String {
        let body = route.method == "POST" ? ["-H", "Content-Type: application/json", "-d", "{}"] : []
        return try await Program.run(
            "/usr/bin/curl",
            ["-sk", "-m", "10", "-o", "/dev/null", "-w", "%{http_code}"] + body
                + ["\(house.url)\(route.path)"]
        ).output
    }
}
