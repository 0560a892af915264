import AuthorityAPI
import Foundation
import Testing

@Suite(.servers) struct `What operators see` {
    private static let canaries = [
        "canary-header", "canary-query", "canary-path", "canary-body", "canary-agent",
    ]

    /// Every line of the server itself; what it says before it serves stands first.
    private func lines(_ house: Installation) throws -> [[String: Any]] {
        try house.scratch.text("log").split(separator: "\n").filter { !$0.hasPrefix("reeved: ") }.map {
            try #require(
                try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any], "\($0) is no object")
        }
    }

    private func provoke(_ house: Installation) async throws {
        for arguments in [
            ["-H", "X-Evil: canary-header\r\n{\"level\":\"error\"}", "\(house.url)/livez"],
            ["-A", "canary-agent\n{\"level\":\"critical\",\"message\":\"forged\"}", "\(house.url)/livez"],
            ["\(house.url)/canary-path%0a%1b[31m?canary-query=%0d%0a"], ["\(house.url)/livez?canary-query=1"],
            [
                "-H", "Authorization: Bearer canary-header", "-H", "DPoP: canary-header",
                "\(house.url)/v1/session",
            ],
            [
                "-H", "Content-Type: application/json", "-d", "{\"name\":\"canary-body\"}",
                "\(house.url)/v1/sign-in",
            ],
            ["-X", "CANARY", "\(house.url)/livez"],
        ] {
            _ = try await Program.run("/usr/bin/curl", ["-skg", "-o", "/dev/null"] + arguments)
        }
    }

    @Test func `L06 L07 the log has one object per request and no byte of what callers wrote`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        try await provoke(house)
        _ = try await house.reeve("whoami")
        try await until("the last request is in the log") {
            try lines(house).contains {
                $0["route"] as? String == Route.session.rawValue
                    && $0["identity"] as? String == "boss"
            }
        }
        let log = house.scratch.text("log")
        for canary in Self.canaries { #expect(!log.contains(canary)) }
        #expect(!log.contains("forged"))
        #expect(log.utf8.allSatisfy { $0 == UInt8(ascii: "\n") || (0x20...0x7e).contains($0) })
        let routes = Set(Route.allCases.map(\.rawValue) + ["unknown"])
        let served = try lines(house).filter { $0["request"] != nil }
        #expect(served.count >= 7)
        for line in served {
            #expect(routes.contains(line["route"] as? String ?? ""))
            #expect((line["request"] as? String)?.count == 32)
            #expect(line["status"] is Int)
            #expect(line["ms"] is Double || line["ms"] is Int)
            #expect(line["source"] as? String == "127.0.0.1")
            #expect((line["time"] as? String)?.hasSuffix("Z") == true)
        }
        #expect(
            served.contains { $0["code"] as? String == "not-found" && $0["route"] as? String == "unknown" })
    }

    @Test func `the log is logfmt and quiet where the configuration says so`() async throws {
        let house = try await Installation()
        try await house.stopServer()
        let before = house.scratch.text("log").utf8.count
        let file = try house.scratch.write(
            "[log]\nformat = \"logfmt\"\nlevel = \"warning\"\n", to: "reeved.toml")
        _ = try await Program.run("/usr/bin/chmod", ["644", file])
        try await house.startQuietly(["--config", file])
        try await provoke(house)
        let text = String(decoding: Data(house.scratch.text("log").utf8).dropFirst(before), as: UTF8.self)
        let own = text.split(separator: "\n").filter { !$0.contains("\"event\":\"signed\"") }
        #expect(!own.contains { $0.contains("served") || $0.contains("refused") || $0.hasPrefix("{") })
    }

    @Test(
        .enabled(
            if: FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/prometheus_client"),
            "make setup installs python3-prometheus-client"))
    func `X07 metrics are read by Prometheus' own parser, and callers add no series`() async throws {
        let house = try await Installation()
        try await house.enrolAdmin()
        let first = try await metrics(house)
        for number in 0..<10 {
            let addresses = (0..<50).map { "\(house.url)/unknown/\(number)/\($0)?\($0)=\(number)" }
            _ = try await Program.run("/usr/bin/curl", ["-sk", "-o", "/dev/null"] + addresses)
        }
        let second = try await metrics(house)
        #expect(second.values["keyreeve_requests_total{route=\"unknown\",status=\"4xx\"}"] ?? 0 >= 500)
        #expect(second.values["keyreeve_build_info{version=\"\(try await version())\"}"] == 1)
        #expect(second.values["keyreeve_ledger_size"] ?? 0 >= 3)
        #expect(second.values["process_resident_memory_bytes"] ?? 0 > 1_000_000)
        #expect(second.values["process_open_fds"] ?? 0 > 3)
        let added = second.series.subtracting(first.series)
        #expect(
            added.allSatisfy { $0.contains("route=\"unknown\"") || $0.contains("route=\"GET /metrics\"") })
    }

    private func version() async throws -> String {
        try await Program.run("reeved", ["--version"]).output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// What the parser of Prometheus' Python library, a real one, makes of it.
    private func metrics(
        _ house: Installation
    ) async throws -> (values: [String: Double], series: Set<String>) {
        let page = try await Program.run("/usr/bin/curl", ["-skf", "\(house.url)/metrics"])
        let script = """
            import sys
            from prometheus_client.parser import text_string_to_metric_families as families
            for family in families(sys.stdin.read()):
                assert family.type != "unknown" and family.documentation, family.name
                for s in family.samples:
                    labels = ",".join('%s="%s"' % pair for pair in s.labels.items())
                    print(s.name + ("{%s}" % labels if labels else ""), s.value, sep="\\t")
            """
        let parsed = try await Program.run("/usr/bin/python3", ["-c", script], input: page.output)
        try #require(parsed.status == 0, "\(parsed.errors)")
        let pairs = parsed.output.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        let values = Dictionary(pairs.map { ($0[0], Double($0[1]) ?? .nan) }) { first, _ in first }
        #expect(values.count == pairs.count, "no sample comes twice")
        return (values, Set(values.keys))
    }
}
