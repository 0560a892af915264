import Foundation
import Testing

/// What `make install` puts in place, and what systemd thinks of the units.
@Suite struct `The packaged install` {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// Installed with its paths as they will be, so that the units name programs that are there.
    private func installed() async throws -> Scratch {
        let scratch = Scratch()
        let ending = try await Program.run(
            "/usr/bin/make",
            ["-s", "-C", Self.root, "install", "BIN=\(Program.folder)", "PREFIX=\(scratch.path("usr"))"]
                + ["SYSCONFDIR=\(scratch.path("etc"))"])
        guard ending.status == 0 else { throw Failure("make install: \(ending.errors)") }
        return scratch
    }

    @Test func `has programs, units, users, man pages and completions in their places`() async throws {
        let scratch = try await installed()
        for file in [
            "usr/bin/reeve", "usr/bin/reeve-fetch", "usr/sbin/reeved", "usr/sbin/reeve-signer",
            "usr/sbin/reeve-agent",
            "usr/sbin/reeve-principals", "usr/sbin/reeve-pam", "usr/lib/systemd/system/reeve-pam.service",
            "usr/share/man/man8/reeve-pam.8", "usr/lib/systemd/system/reeved.service",
            "usr/sbin/reeve-door", "usr/lib/systemd/system/reeve-door.service",
            "usr/share/man/man8/reeve-door.8",
            "usr/lib/systemd/system/reeve-signer.service", "usr/lib/systemd/system/reeve-agent.service",
            "usr/lib/sysusers.d/keyreeve.conf", "usr/lib/tmpfiles.d/keyreeve.conf",
            "usr/share/man/man1/reeve.1", "usr/share/man/man8/reeved.8",
            "usr/share/man/man8/reeve-signer.8", "usr/share/man/man8/pam_reeve.8",
            "usr/share/man/man8/reeve-agent.8",
            "usr/share/bash-completion/completions/reeve", "usr/share/zsh/site-functions/_reeve",
            "usr/share/fish/vendor_completions.d/reeve.fish", "etc/keyreeve/reeved.toml",
        ] {
            let size = FileManager.default.contents(atPath: scratch.path(file))?.count ?? 0
            #expect(size > 0, "\(file)")
        }
        // In a folder for this kind of machine, where there is one.
        let libraries = FileManager.default.subpaths(atPath: scratch.path("usr/lib")) ?? []
        #expect(libraries.filter { $0.hasSuffix("security/pam_reeve.so") }.count == 1)
        let checked = try await Program.run(
            scratch.path("usr/sbin/reeved"),
            ["config", "--check", "--config", scratch.path("etc/keyreeve/reeved.toml")])
        #expect(checked.status == 0 || checked.errors.contains("root"), "\(checked.errors)")
    }

    @Test func `leaves a configuration that is there as it is`() async throws {
        let scratch = Scratch()
        let file = scratch.path("etc/keyreeve/reeved.toml")
        try FileManager.default.createDirectory(
            atPath: scratch.path("etc/keyreeve"), withIntermediateDirectories: true)
        try "# ours\n".write(toFile: file, atomically: true, encoding: .utf8)
        let ending = try await Program.run(
            "/usr/bin/make",
            ["-s", "-C", Self.root, "install", "BIN=\(Program.folder)", "DESTDIR=\(scratch.folder)"])
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(scratch.text("etc/keyreeve/reeved.toml") == "# ours\n")
        #expect(
            scratch.text("usr/local/lib/systemd/system/reeved.service").contains("=/usr/local/sbin/reeved "))
    }

    /// Exposure times ten, as systemd counts it: 0 is the least.
    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze")),
        arguments: [
            ("reeve-signer", 6), ("reeved", 16), ("reeve-agent", 23), ("reeve-pam", 35), ("reeve-door", 24),
        ])
    func `Y04 units are without faults, and little is exposed`(_ unit: String, _ bound: Int) async throws {
        let scratch = try await installed()
        let file = scratch.path("usr/lib/systemd/system/\(unit).service")
        let verified = try await Program.run("/usr/bin/systemd-analyze", ["verify", "--man=no", file])
        #expect(verified.status == 0)
        #expect(verified.errors.isEmpty && verified.output.isEmpty, "\(verified.errors)")
        let security = try await Program.run(
            "/usr/bin/systemd-analyze",
            ["security", "--offline=true", "--no-pager", "--threshold=\(bound)", file])
        #expect(security.status == 0, "\(security.output.split(separator: "\n").last ?? "")")
    }

    /// Y06: the first thing that a packaged signer does is wait for its key.
    @Test func `Y06 the packaged signer has no key file`() throws {
        let unit = try String(
            contentsOfFile: "\(Self.root)/Packaging/systemd/reeve-signer.service", encoding: .utf8)
        #expect(unit.contains("reeve-signer serve"))
        #expect(!unit.contains("--key-file") && !unit.contains("--embedded"))
    }
}
